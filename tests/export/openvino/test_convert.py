"""The converted parts against the model that they were made from."""

from __future__ import annotations

import random

import numpy as np
import openvino as ov
import pytest
import torch

from components.export.openvino.convert import convert_embeddings, convert_image_encoder, convert_language_model
from components.scenes.shapes import Board
from tests.export.conftest import Pair

# What a device may round (activations, keys and values) is kept in 32 bits: here the conversion is looked at.
EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}
TOLERANCE = 1e-4


class Stateful:
    """The converted language model, fed with embeddings."""

    def __init__(self, pair: Pair) -> None:
        core = ov.Core()
        self._embed = core.compile_model(convert_embeddings(pair[0]), "CPU", EXACT)
        self._request = core.compile_model(convert_language_model(pair[0]), "CPU", EXACT).create_infer_request()

    def reset(self) -> None:
        """Forget all that was read."""
        self._request.reset_state()

    def read(self, ids: np.ndarray, past: int = 0) -> np.ndarray:
        """Logits of ids (batch, length) that follow ``past`` ids."""
        batch, length = ids.shape
        embedded = np.array(self._embed(ids)[0])
        positions = np.broadcast_to(np.arange(past, past + length), (batch, length))
        self._request.infer(
            {
                "inputs_embeds": embedded,
                "attention_mask": np.ones((batch, past + length), dtype=np.int64),
                "position_ids": np.ascontiguousarray(positions, dtype=np.int64),
                "beam_idx": np.arange(batch, dtype=np.int32),
            }
        )
        return np.array(self._request.get_tensor("logits").data)


@pytest.fixture(scope="module")
def stateful(pair: Pair) -> Stateful:
    """The language model, converted once."""
    return Stateful(pair)


def some_ids(pair: Pair, batch: int, length: int, seed: int = 0) -> np.ndarray:
    """Ids of ordinary tokens."""
    first, end = 10, pair[0].config.text_config.vocab_size
    return np.random.default_rng(seed).integers(first, end, (batch, length), dtype=np.int64)


@torch.no_grad()
def logits_of(pair: Pair, ids: np.ndarray) -> np.ndarray:
    return pair[0](input_ids=torch.from_numpy(ids), attention_mask=torch.ones(ids.shape)).logits.numpy()


@torch.no_grad()
@pytest.mark.parametrize("count", [1, 3])
def test_image_features_are_the_models(pair: Pair, count: int) -> None:
    model, processor = pair
    pictures = [Board.sample(random.Random(seed)).draw() for seed in range(count)]
    pixels = processor.image_processor(pictures, return_tensors="pt")["pixel_values"]
    converted = ov.Core().compile_model(convert_image_encoder(model), "CPU", EXACT)
    expected = torch.stack(model.model.get_image_features(pixels).pooler_output).numpy()
    found = converted({"pixel_values": pixels.numpy()})["last_hidden_state"]
    assert found.shape == (count, 36, 48)
    assert np.abs(found - expected).max() < TOLERANCE


@pytest.mark.parametrize(("batch", "length"), [(1, 1), (1, 17), (3, 9)])
def test_logits_are_the_models(pair: Pair, stateful: Stateful, batch: int, length: int) -> None:
    ids = some_ids(pair, batch, length)
    stateful.reset()
    assert np.abs(stateful.read(ids) - logits_of(pair, ids)).max() < TOLERANCE


def test_step_by_step_gives_what_reading_at_once_gives(pair: Pair, stateful: Stateful) -> None:
    ids = some_ids(pair, 1, 24, seed=1)
    stateful.reset()
    pieces = [stateful.read(ids[:, :10])]
    pieces += [stateful.read(ids[:, place : place + 1], past=place) for place in range(10, 24)]
    assert np.abs(np.concatenate(pieces, axis=1) - logits_of(pair, ids)).max() < TOLERANCE


def test_reset_forgets_the_last_prompt(pair: Pair, stateful: Stateful) -> None:
    long, short = some_ids(pair, 2, 30, seed=2), some_ids(pair, 1, 5, seed=3)
    stateful.reset()
    stateful.read(long)
    stateful.reset()
    assert np.abs(stateful.read(short) - logits_of(pair, short)).max() < TOLERANCE
