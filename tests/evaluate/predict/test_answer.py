"""Answers by the stage's own process: all that is open, nothing twice, in windows, and what models share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import torch

from components.cluster.machine import needs_ray
from components.evaluate.models.loaded import Loaded
from components.evaluate.models.loading import prepare
from components.evaluate.models.places import Place
from components.evaluate.models.shipped.stand_in import write_shipped_stand_in
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.answer import answer_open
from components.evaluate.predict.answerer import Answerer
from components.evaluate.predict.encodings import Encoder, Encodings
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.evaluate.predict.run import Open
from components.evaluate.predict.window import BATCHES, batches
from components.stages.errors import Missing
from tests.evaluate.conftest import BACKBONES
from tests.evaluate.predict.written import write_questions

LIMITS = Limits(text=8, letter=4)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


@pytest.fixture
def left(questions: list[Question], tmp_path: Path) -> list[Open]:
    """Two benchmarks; of the first, some items are answered already."""
    names = write_questions(tmp_path / "first.parquet", questions, copies=2)
    write_questions(tmp_path / "second.parquet", questions[:6], copies=1)
    return [
        Open("first", tmp_path / "first.parquet", frozenset(names[:5]), is_letter=True),
        Open("second", tmp_path / "second.parquet", frozenset(), is_letter=False),
    ]


def wanted(left: list[Open], questions: list[Question]) -> list[tuple[str, str]]:
    first = [("first", f"{copy}-{number}") for copy in range(2) for number in range(len(questions))]
    done = left[0].done
    return sorted([one for one in first if one[1] not in done] + [("second", f"0-{number}") for number in range(6)])


def named(tables: Iterator[pa.Table]) -> list[tuple[str, str]]:
    return [
        one
        for table in tables
        for one in zip(table["benchmark"].to_pylist(), table["item_id"].to_pylist(), strict=True)
    ]


def test_all_that_is_open_is_answered_once_and_without_ray(
    questions: list[Question], left: list[Open], tmp_path: Path
) -> None:
    folder = write_shipped_stand_in(BACKBONES, tmp_path)
    spec = ModelSpec("stand-in", f"folder:{folder}", "llava", "fp32", "cpu")
    before = sys.modules.get("components.evaluate.predict.on_ray")
    found = named(answer_open(left, spec, prepare(spec, tmp_path), LIMITS, batch=16, actors=None))
    assert sorted(found) == wanted(left, questions)
    assert sys.modules.get("components.evaluate.predict.on_ray") is before


@pytest.mark.parametrize("size", [1, 3, 64])
def test_windows_hold_all_items_of_all_benchmarks_in_order(
    questions: list[Question], left: list[Open], size: int
) -> None:
    found = list(batches(left, size))
    assert sorted(named(iter(found))) == wanted(left, questions)
    assert max(table.num_rows for table in found) <= size
    in_first_window = pa.concat_tables(found[:BATCHES])
    kinds = in_first_window["is_letter"].to_pylist()
    assert kinds == sorted(kinds)


@pytest.mark.parametrize(
    ("address", "actors", "needed"), [(None, None, False), (None, 1, False), (None, 2, True), ("auto", 1, True)]
)
def test_ray_is_needed_for_several_actors_and_on_a_cluster(
    monkeypatch: pytest.MonkeyPatch, address: str | None, actors: int | None, needed: bool
) -> None:
    if address:
        monkeypatch.setenv("RAY_ADDRESS", address)
    assert needs_ray(actors, is_gpu=False) is needed


def test_a_picture_is_encoded_once_for_models_with_the_same_encoder(loaded: Loaded, questions: list[Question]) -> None:
    asked, encodings = questions[:12], Encodings()
    apart = [reply.text for reply in Answerer(loaded, LIMITS).answer(asked)]
    encoded: list[int] = []
    handle = loaded.model.model.vision_tower.embeddings.register_forward_pre_hook(
        lambda _, arguments: encoded.append(len(arguments[0]))
    )
    try:
        shared = [[reply.text for reply in Answerer(loaded, LIMITS, encodings).answer(asked)] for _ in range(2)]
    finally:
        handle.remove()
    assert shared == [apart, apart]
    assert sum(encoded) == len({question.image_key for question in asked if question.image is not None})


def test_another_encoder_has_encodings_of_its_own(loaded: Loaded) -> None:
    encodings, pixels = Encodings(), torch.rand(2, 3, 96, 96)
    with torch.inference_mode():
        first = torch.stack(Encoder(loaded.model, encodings).features(pixels))
        weights = loaded.model.model.vision_tower.embeddings.class_embedding.data
        weights.add_(1.0)
        try:
            other = torch.stack(Encoder(loaded.model, encodings).features(pixels))
        finally:
            weights.sub_(1.0)
    assert not torch.equal(first, other)


def test_encodings_are_kept_up_to_a_size() -> None:
    encodings = Encodings(most_bytes=1000)
    for name in ("a", "b", "c"):
        encodings.add("encoder", name, torch.zeros(100))
    assert [encodings.get("encoder", name) is not None for name in ("a", "b", "c")] == [True, True, False]
    assert encodings.get("other", "a") is None


def test_a_model_that_is_gone_is_an_error(left: list[Open], tmp_path: Path) -> None:
    spec = ModelSpec("gone", f"folder:{tmp_path}", "own", "fp32", "cpu")
    with pytest.raises(Missing, match="no model in"):
        next(answer_open(left, spec, Place(tmp_path, "d"), LIMITS, batch=4, actors=None))
