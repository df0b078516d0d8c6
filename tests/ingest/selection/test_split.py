"""Splits are decided by the image."""

from __future__ import annotations

import random
from pathlib import Path

from components.ingest.origins.demo.text_only import instructions
from components.ingest.selection.split import assign, name_key
from components.ingest.wording import load_wording
from components.korean.nouns import Noun
from components.params.load import load_params
from components.scenes.instructions import all_instructions
from components.scenes.scene import bucket_split
from components.scenes.words import Sign, Word

ROOT = Path(__file__).parents[3]


def test_agrees_with_the_scenes_for_every_bucket() -> None:
    split = load_params(ROOT / "params.yaml").ingest.split
    buckets = [f"{number:02x}" for number in range(256)]
    assert [assign(bucket, split) for bucket in buckets] == [bucket_split(bucket) for bucket in buckets]


def test_running_numbers_are_spread_over_the_splits() -> None:
    keys = {name_key(f"{number:09d}")[:2] for number in range(400)}
    assert len(keys) > 150
    assert name_key("a7b1c2d3e4f50617") == "a7b1c2d3e4f50617"


def test_instructions_are_held_out_once_and_for_all() -> None:
    known, held_out = instructions(held_out=False), instructions(held_out=True)
    assert len(known) + len(held_out) == len(all_instructions())
    assert not {turn.question for turn in known} & {turn.question for turn in held_out}
    assert 10 <= len(held_out) <= 30


def test_wordings_are_those_of_the_pretrained_language_model() -> None:
    sign = Sign((Word("출구", 10, 10, 40, "NanumGothic"),), 0)
    asked = {turn.question for seed in range(40) for turn in sign.turns(random.Random(seed))}
    wording = load_wording("demo-ocr", {"read": set(), "where": {"text"}})
    where = {question.format(text=Noun("출구")) for question in wording["where"]}
    assert where | set(wording["read"]) <= asked
