"""Splits are decided by the image."""

from __future__ import annotations

import random
from pathlib import Path

from components.ingest.origins.demo.text_only import instructions
from components.ingest.readers import aihub_81
from components.ingest.records import Message, StoredImage
from components.ingest.split import assign, split_key
from components.params.load import load_params
from components.scenes.instructions import all_instructions
from components.scenes.scene import bucket_split
from components.scenes.words import Sign, Word

ROOT = Path(__file__).parents[2]


def test_agrees_with_the_scenes_for_every_bucket() -> None:
    split = load_params(ROOT / "params.yaml").ingest.split
    buckets = [f"{number:02x}" for number in range(256)]
    assert [assign(bucket, split) for bucket in buckets] == [bucket_split(bucket) for bucket in buckets]


def test_key_comes_from_the_name_or_from_the_content() -> None:
    turns = (Message("user", "무엇?"), Message("assistant", "사과"))
    named = StoredImage("a7/a7b1c2d3e4f50617.png", b"1")
    pattern = r"([0-9a-f]{16})\."
    assert split_key([named], turns, pattern) == "a7b1c2d3e4f50617"
    assert split_key([named], turns, None) == split_key([StoredImage("other", b"1")], (), pattern)
    assert split_key([], turns, pattern) != split_key([], turns[:1], pattern)


def test_running_numbers_are_spread_over_the_splits() -> None:
    names = [StoredImage(f"GCC_train_{number:09d}.jpg", b"") for number in range(400)]
    keys = {split_key([name], (), r"_(\d{9})\.")[:2] for name in names}
    assert len(keys) > 150


def test_instructions_are_held_out_once_and_for_all() -> None:
    known, held_out = instructions(held_out=False), instructions(held_out=True)
    assert len(known) + len(held_out) == len(all_instructions())
    assert not {turn.question for turn in known} & {turn.question for turn in held_out}
    assert 10 <= len(held_out) <= 30


def test_wordings_are_those_of_the_pretrained_language_model() -> None:
    sign = Sign((Word("출구", 10, 10, 40, "NanumGothic"),), 0)
    asked = {turn.question for seed in range(40) for turn in sign.turns(random.Random(seed))}
    where = {question.format(subject="'출구'는") for question in aihub_81.WHERE_QUESTIONS}
    assert where | set(aihub_81.READ_QUESTIONS) <= asked
