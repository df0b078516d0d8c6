"""Teacher forcing over real models: what is compared, and where."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from components.bundles.parts import Parts
from components.evaluate.statistics.settings import Settings
from components.export.original import Original
from components.export.quality.divergence import Differences, NotNumbers, cosines, measure_divergence
from components.export.samples import Sample
from components.stages.errors import Unusable
from components.training.labels import IGNORED
from tests.export.conftest import Pair
from tests.export.quality.world import drawn_samples

SETTINGS = Settings(0.95, 500, 17)


@pytest.fixture(scope="module")
def samples(pair: Pair) -> list[Sample]:
    return drawn_samples(pair, 8)


@pytest.fixture(scope="module")
def other(pair: Pair) -> Pair:
    """Another model: all of its weights lie a little aside."""
    model = copy.deepcopy(pair[0])
    torch.manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1 * weight.std().nan_to_num() * torch.randn_like(weight))
    return model, pair[1]


def differences(name: str, bundle: Parts, pair: Pair, samples: Sequence[Sample]) -> Differences:
    """Of one bundle, whatever it is, from the model."""
    return measure_divergence({name: bundle}, Original(*pair), samples, SETTINGS)[name]


def test_a_model_does_not_differ_from_itself(pair: Pair, samples: list[Sample]) -> None:
    divergences, features = differences("same", Original(*pair), pair, samples)
    assert list(divergences) == ["vision", "language", "both"]
    for found in divergences.values():
        assert (found.kl_mean, found.kl_p999, found.perplexity_ratio, found.top1) == (0, 0, 1, 1)
        assert (found.top1_low, found.top1_high) == (1, 1)
    assert features is not None
    assert (features.mean_cosine, features.min_cosine) == pytest.approx((1, 1))


def test_vision_is_measured_where_there_are_pictures(pair: Pair, samples: list[Sample]) -> None:
    divergences, features = differences("same", Original(*pair), pair, samples)
    pictured = [sample for sample in samples if sample.picture is not None]
    assert (divergences["vision"].samples, divergences["both"].samples) == (len(pictured), len(samples)) == (6, 8)
    assert divergences["vision"].tokens == sum(sum(sample.answered) for sample in pictured)
    assert divergences["both"].tokens == sum(sum(sample.answered) for sample in samples)
    assert features is not None
    assert features.pictures == 6
    texts = [sample for sample in samples if sample.picture is None]
    divergences, features = differences("same", Original(*pair), pair, texts)
    assert list(divergences) == ["language", "both"]
    assert features is None


@torch.no_grad()
def loss_by_transformers(pair: Pair, sample: Sample) -> float:
    """The mean loss that training would see."""
    model, processor = pair
    labels = [token if is_answer else IGNORED for token, is_answer in zip(sample.ids, sample.answered, strict=True)]
    pixels = processor.image_processor([sample.picture], return_tensors="pt")["pixel_values"]
    return float(model(torch.tensor([sample.ids]), pixels, labels=torch.tensor([labels])).loss)


def test_perplexities_are_those_of_training(pair: Pair, other: Pair, samples: list[Sample]) -> None:
    sample = samples[1]
    divergences, _ = differences("other", Original(*other), pair, [sample])
    expected = np.exp(loss_by_transformers(other, sample) - loss_by_transformers(pair, sample))
    assert divergences["both"].perplexity_ratio == pytest.approx(expected, rel=1e-4)


def test_each_pairing_changes_its_own_part(pair: Pair, other: Pair, samples: list[Sample]) -> None:
    model, processor = copy.deepcopy(pair[0]), pair[1]
    model.model.language_model, model.lm_head = other[0].model.language_model, other[0].lm_head
    only_language = Original(model, processor)
    divergences, features = differences("language", only_language, pair, samples)
    assert divergences["vision"].kl_mean == 0
    assert divergences["language"].kl_mean > 0.001
    assert divergences["both"] == divergences["language"]
    assert features is not None
    assert features.min_cosine == pytest.approx(1)
    divergences, features = differences("both", Original(*other), pair, samples)
    assert divergences["vision"].kl_mean > 0.001
    assert features is not None
    assert features.min_cosine < features.mean_cosine < 0.9999


def test_bundles_side_by_side_are_measured_as_alone(pair: Pair, other: Pair, samples: list[Sample]) -> None:
    bundles = {"same": Original(*pair), "other": Original(*other)}
    found = measure_divergence(bundles, Original(*pair), samples, SETTINGS)
    assert found == {name: differences(name, bundle, pair, samples) for name, bundle in bundles.items()}


def test_an_interval_is_of_samples_not_of_tokens(pair: Pair, other: Pair, samples: list[Sample]) -> None:
    """The same samples ten times over have the same share; the interval shrinks by their number."""
    once, _ = differences("other", Original(*other), pair, samples)
    often, _ = differences("other", Original(*other), pair, samples * 10)
    few, many = once["both"], often["both"]
    assert many.top1 == few.top1
    assert many.tokens == 10 * few.tokens
    widths = [(found.top1_high or 0) - (found.top1_low or 0) for found in (few, many)]
    assert widths[0] > 2 * widths[1] > 0


def test_what_is_not_a_number_is_refused_with_the_sample(pair: Pair, samples: list[Sample]) -> None:
    broken = copy.deepcopy(pair[0])
    with torch.no_grad():
        broken.model.language_model.layers[1].mlp.down_proj.weight[3, 3] = float("nan")
    with pytest.raises(NotNumbers, match=r"int8: with language quantised, .* sample drawn/1 .*export.bundles\[int8\]"):
        differences("int8", Original(broken, pair[1]), pair, samples[1:])


def test_samples_without_answers_are_no_samples(pair: Pair, samples: list[Sample]) -> None:
    silent = replace(samples[0], answered=[False] * len(samples[0].ids))
    with pytest.raises(Unusable, match=r"ingest\.split\.test"):
        differences("int8", Original(*pair), pair, [silent])


def test_cosines_by_hand() -> None:
    found = cosines(np.array([[1, 0], [3, 4], [1, 1]], np.float32), np.array([[0, 2], [6, 8], [-1, -1]], np.float32))
    assert found.tolist() == pytest.approx([0, 1, -1])
