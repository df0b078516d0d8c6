"""Scorers against numbers worked out by hand and against independent libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from components.evaluate.scores import boxes, choice, latency, reading, short_answer
from components.evaluate.scores.figures import Figure, Scored, Settings
from components.evaluate.scores.intervals import mean_interval, ratio_interval, wilson
from components.prompts.choice import k_mmbench
from tests.evaluate.world import frame

SETTINGS = Settings(confidence=0.95, resamples=500, seed=17)


def figure(scored: Scored, metric: str) -> Figure:
    return next(found for found in scored.figures if found.metric == metric)


def test_wilson_by_its_formula_and_by_statsmodels() -> None:
    right, n, z = 7, 10, 1.959963984540054
    middle = (right / n + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(0.7 * 0.3 / n + z**2 / (4 * n**2))
    assert wilson(right, n, SETTINGS) == pytest.approx((middle - half, middle + half))
    assert wilson(right, n, SETTINGS) == pytest.approx(proportion_confint(right, n, method="wilson"))
    assert wilson(0, 0, SETTINGS) == (None, None)


def test_bootstrap_agrees_with_the_normal_interval_and_repeats() -> None:
    values = np.random.default_rng(1).normal(5, 2, 400).tolist()
    low, high = mean_interval(values, SETTINGS)
    half = 1.96 * np.std(values) / math.sqrt(len(values))
    assert low == pytest.approx(np.mean(values) - half, abs=0.05)
    assert high == pytest.approx(np.mean(values) + half, abs=0.05)
    assert (low, high) == mean_interval(values, SETTINGS)
    assert mean_interval([1.0], SETTINGS) == (None, None)
    assert ratio_interval([1, 2, 4], [2, 4, 8], SETTINGS) == pytest.approx((0.5, 0.5))


def test_choice_counts_an_unreadable_answer_as_wrong() -> None:
    items = frame(["A입니다", "정답은 B", "몰라요", "A"], ["A", "B", "C", "D"], category=["표", "표", "표", "글"])
    scored = choice.score(items, SETTINGS)
    accuracy = figure(scored, "accuracy")
    assert scored.parsed == ["A", "B", None, "A"]
    assert scored.item_scores == [1, 1, 0, 0]
    assert (accuracy.value, accuracy.n) == (0.5, 4)
    assert (accuracy.low, accuracy.high) == pytest.approx(proportion_confint(2, 4, method="wilson"))
    assert accuracy.details["chance"] == 0.25
    assert accuracy.details["chosen"] == {"A": 2, "B": 1, "unreadable": 1}
    assert accuracy.details["categories"]["표"]["value"] == pytest.approx(2 / 3)
    assert figure(scored, "parse_rate").value == 0.75


def test_circular_accuracy_wants_every_rotation_right() -> None:
    two = k_mmbench("무엇인가요?", ["사과", "배"])
    items = frame(
        ["A", "B", "A", "A", "B", "B"],
        ["A", "B", "A", "B", "B", "A"],
        group=["1", "1", "2", "2", "3", "3"],
        prompt=two,
    )
    scored = choice.score(items, SETTINGS)
    circular, accuracy = figure(scored, "circular_accuracy"), figure(scored, "accuracy")
    assert circular.value == pytest.approx(1 / 3)
    assert circular.n == 3
    assert circular.details["chance"] == 0.25
    assert circular.details["rotations"] == {"1": 1.0, "2": pytest.approx(1 / 3)}
    assert circular.details["spread"] == pytest.approx(2 / 3)
    assert accuracy.value == pytest.approx(4 / 6)
    assert accuracy.details["chance"] == 0.5


def test_rotations_widen_the_interval() -> None:
    """Forty groups whose four rotations always agree hold as much as forty items."""
    right = [i % 2 for i in range(40) for _ in range(4)]
    items = frame(["A" if hit else "B" for hit in right], ["A"] * 160, group=[str(i // 4) for i in range(160)])
    accuracy = figure(choice.score(items, SETTINGS), "accuracy")
    low, high = wilson(80, 160, SETTINGS)
    assert None not in (accuracy.low, accuracy.high, low, high)
    assert accuracy.high - accuracy.low > 1.5 * (high - low)  # type: ignore[operator]


def test_a_missing_box_counts_zero() -> None:
    responses = ["[0,0,0.5,1]", "[0.25,0,0.75,1]", "없음", "[0.5,0,1,1]"]
    scored = boxes.score(frame(responses, ["[0,0,0.5,1]"] * 4), SETTINGS)
    assert scored.item_scores == pytest.approx([1, 1 / 3, 0, 0])
    assert scored.parsed == ["[0,0,0.5,1]", "[0.25,0,0.75,1]", None, "[0.5,0,1,1]"]
    assert figure(scored, "mean_iou").value == pytest.approx(1 / 3)
    assert figure(scored, "iou_50").value == 0.25
    assert figure(scored, "iou_75").value == 0.25
    assert figure(scored, "parse_rate").value == 0.75


def test_a_benchmark_whose_reference_is_no_box_is_refused() -> None:
    with pytest.raises(ValueError, match=r"reference '\[1,2\]'.*fix the benchmark"):
        boxes.score(frame(["[0,0,1,1]"], ["[1,2]"]), SETTINGS)


def test_characters_wrong_over_all_characters() -> None:
    responses, references = ["서울역", "서울", "", "우체국입니다"], ["서울역", "서울역", "약국", "우체국"]
    scored = reading.score(frame(responses, references, seen=[True, False, False, True]), SETTINGS)
    assert scored.item_scores == pytest.approx([0, 1 / 3, 1, 1])
    assert figure(scored, "cer").value == pytest.approx((0 + 1 + 2 + 3) / 11)
    assert figure(scored, "cer_seen").value == pytest.approx(3 / 6)
    assert figure(scored, "cer_unseen").value == pytest.approx(3 / 5)
    assert figure(scored, "exact_match").value == 0.25
    assert not figure(scored, "cer").higher_is_better
    assert scored.parsed[2] is None


def test_a_set_without_unseen_words_has_no_figure_for_them() -> None:
    scored = reading.score(frame(["가", "나"], ["가", "다"]), SETTINGS)
    assert {found.metric for found in scored.figures} == {"cer", "cer_seen", "exact_match"}


def test_short_answers_match_any_reference() -> None:
    items = frame(["여름.", "'가을'", "", "봄"], ["여름", "가을", "겨울", "봄철"])
    items["references"] = [["여름"], ["가을"], ["겨울"], ["봄철", "봄"]]
    scored = short_answer.score(items, SETTINGS)
    assert scored.item_scores == [1, 1, 0, 1]
    assert figure(scored, "exact_match").value == 0.75


def test_rates_are_of_decoding_alone() -> None:
    timing = {"first": 0.5, "decode": 1.0, "total": 1.5, "tokens": 33, "characters": 66}
    slow = timing | {"decode": 2.0, "total": 2.5}
    measured = {"device": "d", "dtype": "float32", "batch": 1, "new_tokens": 33}
    timings = {"with_image": [timing, timing, slow], "without_image": [slow] * 3}
    figures = {found.metric: found for found in latency.score({**measured, "timings": timings}, SETTINGS)}
    assert figures["tokens_per_second"].value == pytest.approx(32)
    assert figures["characters_per_second"].value == pytest.approx(64)
    assert figures["first_token_ms"].value == pytest.approx(500)
    assert figures["tokens_per_second"].details["without_image"]["tokens_per_second"]["p50"] == pytest.approx(16)
