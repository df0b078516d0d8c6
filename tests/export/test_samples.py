"""Samples to calibrate with and to measure on: never the same pictures, and none that training saw."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from components.export.samples import Sample, calibration_samples, held_out_samples
from components.scenes.shapes import Board
from components.training.labels import Markup
from tests.export.conftest import Pair

ALL = 10_000
SOURCES = {"boards": 40, "texts": 30, "few": 3}


def row(source: str, number: int, key: str, pictures: int) -> dict[str, object]:
    """As ingest writes it."""
    content = io.BytesIO()
    Board.sample(random.Random(number)).draw().save(content, "PNG")
    return {
        "id": str(number),
        "source": source,
        "images": [{"bytes": content.getvalue(), "path": None}] * pictures,
        "conversation": [
            {"role": "user", "content": "<image>\n" * pictures + "무엇이 보이나요?"},
            {"role": "assistant", "content": f"답은 {number}"},
        ],
        "split_key": key,
    }


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three splits; two samples share each key; some have two pictures."""
    folder = tmp_path_factory.mktemp("shards")
    for split in ("train", "validation", "test"):
        rows = [
            row(source, number, f"{split}-{source}-{number // 2}", pictures=0 if source == "texts" else 1)
            for source, count in SOURCES.items()
            for number in range(count)
        ]
        rows += [row("pairs", number, f"{split}-pairs-{number}", pictures=2) for number in range(4)]
        (folder / split).mkdir()
        pq.write_table(pa.Table.from_pylist(rows), folder / split / "part-0.parquet")
    return folder


@pytest.fixture(scope="module")
def markup(pair: Pair) -> Markup:
    """As the model's."""
    _, processor = pair
    return Markup(processor.image_token, processor.image_seq_length, "<|im_end|>", "<|endofturn|>")


def names_of(samples: list[Sample]) -> list[str]:
    """In order."""
    return [sample.name for sample in samples]


def test_each_sample_of_two_splits_is_on_one_side(pair: Pair, markup: Markup, shards: Path) -> None:
    sides = [draw(shards, ALL, pair[1].tokenizer, markup) for draw in (calibration_samples, held_out_samples)]
    assert min(map(len, sides)) > 20
    assert sum(map(len, sides)) == 2 * sum(SOURCES.values())


def test_same_key_is_on_the_same_side(pair: Pair, markup: Markup, tmp_path: Path) -> None:
    rows = [row(f"s{copy}", number, f"key-{number}", 1) for number in range(30) for copy in range(2)]
    (tmp_path / "test").mkdir()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "test" / "a.parquet")
    sides = [
        {sample.name.split("/")[1] for sample in draw(tmp_path, ALL, pair[1].tokenizer, markup)}
        for draw in (calibration_samples, held_out_samples)
    ]
    assert not sides[0] & sides[1]
    assert len(sides[0] | sides[1]) == 30
    assert min(map(len, sides)) > 5


def test_training_split_is_never_read(pair: Pair, markup: Markup, tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    pq.write_table(pa.Table.from_pylist([row("a", 1, "k", 1)]), tmp_path / "train" / "a.parquet")
    for draw in (calibration_samples, held_out_samples):
        assert draw(tmp_path, ALL, pair[1].tokenizer, markup) == []


def test_two_pictures_are_left_out(pair: Pair, markup: Markup, shards: Path) -> None:
    for draw in (calibration_samples, held_out_samples):
        assert not [
            name for name in names_of(draw(shards, ALL, pair[1].tokenizer, markup)) if name.startswith("pairs/")
        ]


def test_small_sources_are_heard(pair: Pair, markup: Markup, shards: Path) -> None:
    samples = names_of(calibration_samples(shards, 6, pair[1].tokenizer, markup))
    assert len(samples) == 6
    counts = {source: sum(name.startswith(f"{source}/") for name in samples) for source in SOURCES}
    assert max(counts.values()) - min(counts.values()) <= 2
    assert counts["boards"] and counts["texts"]


def test_same_samples_each_time(pair: Pair, markup: Markup, shards: Path) -> None:
    tokenizer = pair[1].tokenizer
    some, more = (names_of(held_out_samples(shards, count, tokenizer, markup)) for count in (8, 16))
    assert some == names_of(held_out_samples(shards, 8, tokenizer, markup)) == more[:8]


def test_answers_are_marked(pair: Pair, markup: Markup, shards: Path) -> None:
    tokenizer = pair[1].tokenizer
    for sample in held_out_samples(shards, 10, tokenizer, markup):
        told = tokenizer.decode([one for one, is_answer in zip(sample.ids, sample.answered, strict=True) if is_answer])
        assert told.startswith("답은 ")
        image = tokenizer.convert_tokens_to_ids(markup.image_token)
        assert sample.ids.count(image) == (markup.image_tokens if sample.picture else 0)
        assert sample.picture is None or (isinstance(sample.picture, Image.Image) and sample.picture.mode == "RGB")


def test_what_does_not_fit_is_left_out(
    pair: Pair, markup: Markup, shards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = pair[1].tokenizer
    before = len(held_out_samples(shards, ALL, tokenizer, markup))
    monkeypatch.setattr(tokenizer, "model_max_length", markup.image_tokens + 2)
    left = held_out_samples(shards, ALL, tokenizer, markup)
    assert 0 < len(left) < before
    assert all(sample.picture is None for sample in left)
