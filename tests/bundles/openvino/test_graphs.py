"""A bundle's graphs, asked one by one, against the model that they were made from."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from components.bundles.openvino.config import read_config
from components.bundles.openvino.graphs import Graphs
from components.export.original import Original
from components.scenes.shapes import Board
from tests.export.conftest import Pair
from tests.model.tiny import GRIDS, SIDE

# Weights lie in the files in 16 bits; a device that calculated in as few (bf16) would be further off.
ROUNDED = 0.002


@pytest.fixture(scope="module")
def graphs(bundle_folder: Path) -> Graphs:
    """The bundle, loaded."""
    return Graphs(bundle_folder, threads=1)


@pytest.fixture(scope="module")
def original(pair: Pair) -> Original:
    """The model."""
    return Original(*pair)


def ids_of(pair: Pair, pictured: bool) -> list[int]:
    """A prompt's, with the tokens of a picture."""
    _, processor = pair
    picture = processor.image_token * GRIDS["ldpv2"] ** 2 if pictured else ""
    ids: list[int] = processor.tokenizer(f"<|im_start|>user\n{picture}\n무엇이 보이나요?<|im_end|>\n")["input_ids"]
    return ids


def close(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether they differ by rounding alone."""
    return found.shape == expected.shape and bool(np.abs(found - expected).mean() < ROUNDED * expected.std())


def test_features_are_the_models(graphs: Graphs, original: Original) -> None:
    for seed in range(3):
        picture = Board.sample(random.Random(seed)).draw()
        assert close(graphs.features(picture), original.features(picture))


def test_features_follow_the_picture(graphs: Graphs) -> None:
    first, second = (graphs.features(Board.sample(random.Random(seed)).draw()) for seed in (1, 2))
    assert not close(first, second)


@pytest.mark.parametrize("pictured", [True, False])
def test_logits_are_the_models(pair: Pair, graphs: Graphs, original: Original, pictured: bool) -> None:
    ids = ids_of(pair, pictured)
    features = original.features(Board.sample(random.Random(1)).draw()) if pictured else None
    found = graphs.logits(ids, features)
    assert found.dtype == np.float32
    assert close(found, original.logits(ids, features))


@pytest.mark.parametrize("first", [0, 1, 7])
def test_logits_from_a_position_on(pair: Pair, graphs: Graphs, original: Original, first: int) -> None:
    ids = ids_of(pair, False)
    assert np.array_equal(graphs.logits(ids, None, first), graphs.logits(ids, None)[first:])
    assert original.logits(ids, None, first).shape == (len(ids) - first, graphs.logits(ids, None).shape[1])


def test_each_text_begins_anew(pair: Pair, graphs: Graphs) -> None:
    short = ids_of(pair, False)
    alone = graphs.logits(short, None)
    graphs.logits(ids_of(pair, True), graphs.features(Board.sample(random.Random(1)).draw()))
    assert np.array_equal(graphs.logits(short, None), alone)


def test_settings_are_the_models(pair: Pair, bundle_folder: Path) -> None:
    model, processor = pair
    config = read_config(bundle_folder)
    assert config.image_token_id == model.config.image_token_index
    assert config.image_tokens == GRIDS["ldpv2"] ** 2
    assert config.preprocessing.side == SIDE
    assert config.preprocessing.mean == tuple(processor.image_processor.image_mean)
    assert config.preprocessing.std == tuple(processor.image_processor.image_std)


def test_bundle_names_no_code_that_it_has_not(pair: Pair, bundle_folder: Path) -> None:
    model, processor = pair
    assert model.config.auto_map
    assert processor.tokenizer.init_kwargs["auto_map"]
    texts = {path.name: path.read_text(encoding="utf-8") for path in bundle_folder.glob("*.json")}
    assert {"config.json", "tokenizer_config.json", "preprocessor_config.json"} <= texts.keys()
    assert not [name for name, text in texts.items() if "auto_map" in text]
    assert json.loads(texts["config.json"])["model_type"] == "llava"
