"""Every limit, from both sides."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.export.quality.gate import problems
from components.export.quality.results import Divergence, Features, NotCompared, Quality, Score
from tests.export.conftest import limits

WHOLE = {"kl_mean": 0.02, "kl_p999": 0.5, "perplexity_ratio": 1.01, "top1": 0.97}


def score(low: float | None, high: float | None, higher_is_better: bool = True) -> Score:
    middle = None if low is None or high is None else (low + high) / 2
    return Score(
        benchmark="board",
        metric="accuracy",
        higher_is_better=higher_is_better,
        score=0.5 + (middle or 0),
        model_score=0.5,
        difference=middle,
        low=low,
        high=high,
        p=0.01,
        n=9,
        wins=1,
        ties=2,
        losses=6,
    )


def quality(*scores: Score | NotCompared, features: float | None = 0.99, **whole: float) -> Quality:
    found = Divergence(**(WHOLE | whole), top1_low=None, top1_high=None, tokens=9, samples=3)  # type: ignore[arg-type]
    likeness = None if features is None else Features(mean_cosine=features, min_cosine=0.1, pictures=3)
    return Quality(divergence={"both": found}, features=likeness, scores=list(scores), confidence=0.95)


@pytest.mark.parametrize(("key", "kept", "broken"), [("kl_mean", 0.02, 0.019), ("kl_p999", 0.5, 0.49)])
def test_what_may_not_be_large(key: str, kept: float, broken: float) -> None:
    assert problems("int8", quality(), limits(**{key: kept})) == []
    (sentence,) = problems("int8", quality(), limits(**{key: broken}))
    assert sentence == f"export.bundles[int8].limits.{key}: found {kept:g}, at most {broken:g} is allowed"


def test_what_may_not_be_small() -> None:
    assert problems("int8", quality(), limits(top1=0.97, features=0.99, perplexity_ratio=1.01)) == []
    found = problems("int8", quality(), limits(top1=0.98, features=0.995, perplexity_ratio=1.001))
    assert found == [
        "export.bundles[int8].limits.perplexity_ratio: found 1.01, at most 1.001 is allowed",
        "export.bundles[int8].limits.top1: found 0.97, at least 0.98 is needed",
        "export.bundles[int8].limits.features: found 0.99, at least 0.995 is needed",
    ]


@pytest.mark.parametrize("key", sorted(WHOLE))
def test_what_is_not_a_number_keeps_no_limit(key: str) -> None:
    (sentence,) = problems("int8", quality(**{key: float("nan")}), limits())
    assert f"limits.{key}: found nan" in sentence


def test_features_that_nobody_looked_at_keep_no_limit() -> None:
    (sentence,) = problems("int8", quality(features=None), limits())
    assert sentence.startswith("export.bundles[int8].limits.features: not measured")


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "is_broken"),
    [
        (-0.3, -0.11, True, True),
        (-0.3, -0.1, True, False),
        (-0.3, 0.1, True, False),
        (0.11, 0.3, True, False),
        (0.11, 0.3, False, True),
        (0.1, 0.3, False, False),
        (-0.3, -0.11, False, False),
        (None, None, True, False),
    ],
)
def test_a_loss_is_beyond_the_limit_with_its_whole_interval(
    low: float | None, high: float | None, higher_is_better: bool, is_broken: bool
) -> None:
    found = problems("int4", quality(score(low, high, higher_is_better)), limits(score_loss=0.1))
    assert len(found) == is_broken
    for sentence in found:
        assert sentence.startswith(
            "export.bundles[int4].limits.score_loss: board loses at least 0.11 of accuracy (0.5 to "
        )


@given(bounds=st.tuples(st.floats(-1, 1), st.floats(-1, 1)), most=st.floats(0, 1))
def test_directions_mirror_each_other(bounds: tuple[float, float], most: float) -> None:
    low, high = sorted(bounds)
    kept: list[Any] = [
        problems("x", quality(one), limits(score_loss=most)) == []
        for one in (score(low, high, True), score(-high, -low, False))
    ]
    assert kept[0] == kept[1] == (-high <= most)


def test_a_benchmark_left_out_by_choice_is_no_problem_and_another_is() -> None:
    chosen = NotCompared(benchmark="llava-w", refused="a judge rates it", by_choice=True)
    wrong = NotCompared(benchmark="board", refused="decoding: a and b", by_choice=False)
    assert problems("int8", quality(chosen), limits()) == []
    assert problems("int8", quality(chosen, wrong), limits()) == [
        "export.bundles[int8].limits.score_loss: board could not be compared: decoding: a and b"
    ]
