"""Which samples an epoch shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.params.schema import Pretrain
from components.training.batches import BatchPlan, TooFewSamples
from components.training.mixture import Mixture, read_mixture
from tests.model.tiny import params

SOURCES = pa.chunked_array([["a"] * 6 + ["b"] * 4])


def test_without_a_mixture_each_sample_is_shown_once(tmp_path: Path) -> None:
    mixture = read_mixture(tmp_path, SOURCES, seed=7)
    assert mixture.size == 10 and mixture.epoch(3).tolist() == list(range(10))


def test_parts_are_read_from_the_shards_folder(tmp_path: Path) -> None:
    given = {"a": {"samples": 6, "epoch": 3}, "b": {"samples": 4, "epoch": 9}}
    (tmp_path / "mixture.json").write_text(json.dumps(given), encoding="utf-8")
    mixture = read_mixture(tmp_path, SOURCES, seed=7)
    shown = mixture.epoch(0)
    assert mixture.size == len(shown) == 12
    assert (shown < 6).sum() == 3 and len(set(shown[shown < 6])) == 3
    assert set(np.unique(shown[shown >= 6], return_counts=True)[1].tolist()) <= {2, 3}


@given(
    count=st.integers(1, 30),
    part=st.integers(0, 70),
    epochs=st.integers(1, 6),
    seed=st.integers(0, 9),
)
def test_over_epochs_all_are_shown_equally_often(count: int, part: int, epochs: int, seed: int) -> None:
    mixture = Mixture({"a": np.arange(count), "b": np.arange(count, count + 3)}, {"a": part, "b": 3}, seed)
    shown = np.concatenate([mixture.epoch(number) for number in range(epochs)])
    times = np.bincount(shown, minlength=count + 3)
    assert len(shown) == epochs * (part + 3)
    assert times[:count].max() - times[:count].min() <= 1
    assert (times[count:] == epochs).all()


def test_batches_follow_the_mixture_and_differ_between_epochs() -> None:
    training = Pretrain.model_validate(
        params().pretrain.model_dump() | {"batch": 4, "micro_batch": 2, "epochs": 3.0, "workers": 1}
    )
    mixture = Mixture({"a": np.arange(100), "b": np.arange(100, 104)}, {"a": 8, "b": 8}, seed=1)
    plan = BatchPlan([50] * 104, training, 1, mixture)
    assert plan.steps == 12
    steps = [sorted(place for batch in plan.step(number) for place in batch) for number in range(12)]
    firsts = [sorted(place for step in steps[i : i + 4] for place in step) for i in (0, 4, 8)]
    assert all(sum(place >= 100 for place in epoch) == 8 for epoch in firsts)
    assert len({place for epoch in firsts for place in epoch if place < 100}) == 24
    with pytest.raises(TooFewSamples, match="3 samples are fewer than one batch of 4"):
        BatchPlan([50] * 104, training, 1, Mixture({"a": np.arange(104)}, {"a": 3}, seed=1))
