"""Talking to a bundle through the unmodified OpenVINO GenAI."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import openvino_genai as genai
import pytest
import torch
from PIL import Image

from components.bundles.conversation import Turn
from components.bundles.openvino import names
from components.bundles.openvino.pipeline import Pipeline, as_tensor
from components.bundles.runtime import answer
from components.scenes.shapes import Board
from tests.export.conftest import Pair
from tests.model.tiny import ROOT

TOKENS = 12
QUESTION = "그림에 쓰인 글자를 읽어 주세요."
OTHER = "봄 다음 계절은 무엇인가요?"


@pytest.fixture(scope="module")
def pipeline(bundle_folder: Path) -> Pipeline:
    """The bundle, loaded."""
    return Pipeline(bundle_folder, threads=1)


@pytest.fixture(scope="module")
def plain(bundle_folder: Path) -> Any:
    """The package's own pipeline, as the card tells people to load it."""
    return genai.VLMPipeline(str(bundle_folder), "CPU", INFERENCE_NUM_THREADS=1)


def board(seed: int) -> Image.Image:
    """A picture with shapes."""
    return Board.sample(random.Random(seed)).draw()


@torch.no_grad()
def generated(pair: Pair, question: str, picture: Image.Image | None) -> str:
    """What transformers answers, greedily."""
    model, processor = pair
    parts = [*([{"type": "image"}] if picture else []), {"type": "text", "text": question}]
    prompt = processor.apply_chat_template([{"role": "user", "content": parts}], add_generation_prompt=True)
    inputs = processor(text=[prompt], images=[picture] if picture else None, return_tensors="pt")
    output = model.generate(**inputs, do_sample=False, max_new_tokens=TOKENS)
    text: str = processor.tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return text.strip()


@pytest.fixture(scope="module")
def exact(bundle_folder: Path) -> Any:
    """The package's own pipeline, which rounds neither activations nor keys and values: with random weights, what a
    device rounds by default turns some answers."""
    precise = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}
    return genai.VLMPipeline(str(bundle_folder), "CPU", INFERENCE_NUM_THREADS=1, **precise)


def ask(pipeline: Any, question: str, picture: Image.Image | None) -> str:
    """What the package's own pipeline answers, through its chat template."""
    images = {} if picture is None else {"images": [as_tensor(picture)]}
    told: str = pipeline.generate(question, max_new_tokens=TOKENS, do_sample=False, **images).texts[0]
    return told.strip()


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_answers_as_transformers_does(pair: Pair, exact: Any, seed: int | None) -> None:
    picture = None if seed is None else board(seed)
    for question in (QUESTION, OTHER):
        told = ask(exact, question, picture)
        assert told and told == generated(pair, question, picture)


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_own_chat_template_gives_the_same(plain: Any, pipeline: Pipeline, seed: int | None) -> None:
    picture = None if seed is None else board(seed)
    assert ask(plain, QUESTION, picture) == answer(pipeline, QUESTION, picture, TOKENS)


def test_each_prompt_begins_anew(bundle_folder: Path, pipeline: Pipeline) -> None:
    fresh = answer(Pipeline(bundle_folder, threads=1), QUESTION, board(1), TOKENS)
    answer(pipeline, OTHER, board(2), TOKENS)
    assert answer(pipeline, QUESTION, board(1), TOKENS) == fresh
    answer(pipeline, OTHER, None, TOKENS)
    assert answer(pipeline, QUESTION, board(1), TOKENS) == fresh


def test_answers_follow_the_picture(pipeline: Pipeline) -> None:
    assert len({answer(pipeline, QUESTION, board(seed), TOKENS) for seed in range(6)}) > 1


@pytest.mark.parametrize("read", [0, 1, 3])
def test_answer_can_be_left_half_read(pipeline: Pipeline, read: int) -> None:
    whole = answer(pipeline, QUESTION, board(1), TOKENS)
    stream = pipeline.stream([Turn("user", QUESTION)], board(1), 200)
    assert isinstance(stream, Generator)
    for _ in range(read):
        next(stream)
    stream.close()
    assert answer(pipeline, QUESTION, board(1), TOKENS) == whole


def test_pieces_are_the_answer(plain: Any, pipeline: Pipeline) -> None:
    pieces = list(pipeline.stream([Turn("user", QUESTION)], board(1), TOKENS))
    assert len(pieces) > 1
    assert "".join(pieces).strip() == ask(plain, QUESTION, board(1))


def test_image_token_in_a_question_is_no_picture(pipeline: Pipeline) -> None:
    marked = answer(pipeline, f"{names.IMAGE_TOKEN}{QUESTION}", None, TOKENS)
    assert marked == answer(pipeline, QUESTION, None, TOKENS)


def test_conversation_goes_on(pipeline: Pipeline) -> None:
    turns = [Turn("user", QUESTION), Turn("assistant", "출구"), Turn("user", OTHER)]
    assert "".join(pipeline.stream(turns, board(1), TOKENS)).strip() != answer(pipeline, OTHER, board(1), TOKENS)


def test_runs_without_torch_and_transformers(bundle_folder: Path) -> None:
    """In a fresh process, down to an answer: a device has neither."""
    program = (
        "import sys; from pathlib import Path; from components.bundles.runtime import answer, open_bundle;"
        f"print(repr(answer(open_bundle(Path({str(bundle_folder)!r}), 1), {QUESTION!r}, None, 3)));"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'transformers', 'peft', 'ray'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
