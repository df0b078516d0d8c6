"""Two models on one benchmark: numbers where they were measured in the same way, refusals where they were not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.evaluate.comparison.answers import VERSIONS as NAMES
from components.evaluate.comparison.answers import Answers
from components.evaluate.comparison.compare import compare
from components.evaluate.comparison.corrected import corrected
from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.statistics.correction import holm
from components.evaluate.statistics.paired import BOOTSTRAP, CHI_SQUARED, EXACT
from components.scoring.measure import Measure
from tests.evaluate.comparison.world import (
    SETTINGS,
    VERSIONS,
    answers,
    every_answer,
    plain_choice,
    results,
    rotated_choice,
)
from tests.evaluate.statistics.measures import measure


def compared(first: Answers, second: Answers) -> list[Comparison]:
    """Results none of which is a refusal."""
    found = compare(first, second, SETTINGS)
    assert not [result for result in found if isinstance(result, Refusal)]
    return [result for result in found if isinstance(result, Comparison)]


def refused(first: Answers, second: Answers) -> list[Refusal]:
    """Results all of which are refusals."""
    found = compare(first, second, SETTINGS)
    assert not [result for result in found if isinstance(result, Comparison)]
    return [result for result in found if isinstance(result, Refusal)]


def test_a_lettered_benchmark_with_its_categories() -> None:
    """Six items in two categories: the first model has five right, the second three."""
    category = ["글", "글", "글", "표", "표", "표"]
    first = answers("finetune", [measure([1, 1, 1, 1, 1, 0], category=category)])
    second = answers("pretrain", [measure([1, 0, 0, 1, 0, 1], category=category)])
    [found] = compared(first, second)
    assert (found.first, found.second, found.benchmark, found.metric) == (
        "finetune",
        "pretrain",
        "k-dtcbench",
        "accuracy",
    )
    assert (found.first_figure.value, found.second_figure.value) == (5 / 6, 3 / 6)
    assert found.first_figure.low == pytest.approx(0.436, abs=1e-3)  # Wilson's for 5 of 6
    assert found.paired.difference.value == pytest.approx(2 / 6)
    assert (found.paired.wins, found.paired.ties, found.paired.losses) == (3, 2, 1)
    assert found.fixed == ["u0001", "u0002", "u0004"] and found.broken == ["u0005"]
    assert [(c.category, c.units, c.first, c.second) for c in found.categories] == [
        ("글", 3, 1, 1 / 3),
        ("표", 3, 2 / 3, 2 / 3),
    ]
    assert [c.difference.value for c in found.categories] == pytest.approx([2 / 3, 0])
    assert found.categories[0].difference.low is not None
    assert found.versions == VERSIONS


def test_one_category_is_not_repeated() -> None:
    [found] = compared(answers("a", [measure([1, 0])]), answers("b", [measure([0, 0])]))
    assert found.categories == []


def test_rotated_questions_are_compared_by_questions_and_by_rows() -> None:
    first, second = (
        answers(name, rotated_choice(skill, 3 + skill_place), "k-mmbench")
        for skill_place, (name, skill) in enumerate({"a": 0.7, "b": 0.5}.items())
    )
    circular, rows, parse_rate = compared(first, second)
    assert (circular.metric, circular.is_main, circular.paired.units, circular.paired.clusters) == (
        "circular_accuracy",
        True,
        60,
        60,
    )
    assert circular.paired.test == (EXACT if circular.paired.wins + circular.paired.losses < 25 else CHI_SQUARED)
    assert (rows.metric, rows.is_main, rows.paired.units, rows.paired.clusters) == ("accuracy", False, 240, 60)
    assert rows.paired.test == BOOTSTRAP
    assert circular.fixed and all(name.startswith("질문-") for name in circular.fixed)
    assert rows.fixed and all(name.startswith("문항-") for name in rows.fixed)
    assert [c.units for c in circular.categories] == [30, 30] and [c.units for c in rows.categories] == [120, 120]
    assert (parse_rate.paired.difference.value, parse_rate.paired.p_value) == (0, 1)


def test_the_largest_changes_are_named_where_none_is_right_or_wrong() -> None:
    """Errors of 50 texts: the first model makes n fewer on text n, and more on the last three."""
    second = np.full(50, 60.0)
    first = second - np.arange(50)
    first[47:] = [61, 63, 62]
    lengths = np.full(50, 100.0)
    [found] = compared(
        answers("a", [measure(first, lengths, metric="cer", higher_is_better=False)]),
        answers("b", [measure(second, lengths, metric="cer", higher_is_better=False)]),
    )
    assert found.fixed == [f"u{place:04d}" for place in range(46, 26, -1)]
    assert found.broken == ["u0048", "u0049", "u0047"]
    assert (found.paired.wins, found.paired.ties, found.paired.losses) == (46, 1, 3)


@pytest.mark.parametrize("name", NAMES)
def test_each_version_must_be_the_same(name: str) -> None:
    figures = plain_choice(0.5, 1, 12)
    found = refused(answers("a", figures), answers("b", figures, versions={name: "other"}))
    assert [refusal.metric for refusal in found] == ["accuracy", "parse_rate"]
    assert all(refusal.what == {name: (VERSIONS[name], "other")} for refusal in found)
    assert (found[0].first, found[0].second, found[0].benchmark) == ("a", "b", "k-dtcbench")


def test_all_that_differs_is_said() -> None:
    [found] = refused(
        answers("a", [measure([1, 0, 1, 0, 1])], versions={"judge": "gpt", "prompt": "p-2"}),
        answers("b", [measure([1])]),
    )
    assert found.what == {
        "prompt": ("p-2", "p-1"),
        "judge": ("gpt", "none"),
        "units": ("5 units, 4 of them only here: u0001, u0002, u0003, …", "1 unit"),
    }


def test_judged_figures_are_compared_where_both_were_judged() -> None:
    first, second = measure([3, 9, 6, 8], details={"coverage": 0.98}), measure([5, 7, 6, 2], details={"coverage": 0.99})
    mine, other = replace(first, units=first.units.iloc[:3]), replace(second, units=second.units.iloc[1:])
    [found] = compared(answers("a", [mine]), answers("b", [other]))
    assert (found.first_figure.value, found.second_figure.value, found.paired.units) == (7.5, 6.5, 2)
    assert (found.paired.wins, found.paired.ties, found.paired.losses) == (1, 1, 0)
    [unjudged] = refused(answers("a", [replace(mine, details={})]), answers("b", [other]))
    assert unjudged.what["units"] == ("3 units, 1 of them only here: u0000", "3 units, 1 of them only here: u0003")


def test_units_in_other_clusters_are_other_units() -> None:
    alone, together = measure([1, 0]), measure([1, 0], cluster=["q", "q"])
    [found] = refused(answers("a", [alone]), answers("b", [together]))
    assert found.what["units"] == (
        "2 units, 2 of them only here: u0000, u0001",
        "2 units, 2 of them only here: u0000, u0001",
    )


@pytest.mark.parametrize("name", ["tokeniser", "model", "scale"])
def test_figures_by_other_instruments_are_refused(name: str) -> None:
    first, second = (measure([0.1, 0.2], metric="cider_d", details={name: text}) for text in ("one", "another"))
    [found] = refused(answers("a", [first]), answers("b", [second]))
    assert found.what == {name: ("one", "another")}


def test_a_figure_that_one_model_lacks_is_refused() -> None:
    """As where a judge failed for one of them; the other figures are compared."""
    accuracy, judged = measure([1, 0]), measure([0.5, 0.5], metric="judge_accuracy")
    first, second = answers("a", [accuracy]), answers("b", [accuracy, judged])
    results_there, results_back = compare(first, second, SETTINGS), compare(second, first, SETTINGS)
    assert [type(result) for result in results_there] == [Comparison, Refusal]
    for found, what in (
        (results_there[1], ("no such figure", "measured")),
        (results_back[1], ("measured", "no such figure")),
    ):
        assert isinstance(found, Refusal) and found.what == {"figure": what}


def test_a_version_must_be_said() -> None:
    with pytest.raises(ValueError, match=r"answers of a to k-dtcbench: no version of parser, judge; give one"):
        answers("a", [], versions={"parser": "", "judge": ""})


def test_two_benchmarks_are_not_compared() -> None:
    with pytest.raises(ValueError, match="k-seed and k-mmstar are two benchmarks"):
        compare(answers("a", [], "k-seed"), answers("b", [], "k-mmstar"), SETTINGS)


def test_main_figures_of_a_pair_are_corrected_together() -> None:
    found = results(every_answer())
    for pair in (("finetune", "pretrain"), ("finetune", "stand-in"), ("pretrain", "stand-in")):
        own = [r for r in found if isinstance(r, Comparison) and (r.first, r.second) == pair]
        main = [result for result in own if result.is_main]
        assert len(main) == (4 if "stand-in" not in pair else 3)  # its reading was refused
        p_values = [result.paired.p_value for result in main if result.paired.p_value is not None]
        assert [result.p_adjusted for result in main] == holm(p_values)
        assert all(result.p_adjusted is None for result in own if not result.is_main)


def test_what_cannot_be_tested_takes_no_part_in_the_correction() -> None:
    one, two = measure([0.5]), measure([1, 0, 0, 0])
    found = corrected(
        [
            *compare(answers("a", [one], "x"), answers("b", [measure([0.4])], "x"), SETTINGS),
            *compare(answers("a", [two], "y"), answers("b", [two], "y"), SETTINGS),
        ]
    )
    assert [r.p_adjusted for r in found if isinstance(r, Comparison)] == [None, 1]


def test_results_go_into_json() -> None:
    found = results(every_answer())
    read = json.loads(json.dumps([asdict(result) for result in found], allow_nan=False))
    assert len(read) == len(found)
    assert read[0]["paired"]["difference"]["low"] < read[0]["paired"]["difference"]["value"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0, 1, width=32)] * 2, st.sampled_from("가나")), min_size=2, max_size=15))
def test_exchanging_the_models_exchanges_what_is_fixed_and_broken(units: Sequence[tuple[float, float, str]]) -> None:
    mine, other, category = zip(*units, strict=True)
    first, second = (answers(name, [made(values, category)]) for name, values in (("a", mine), ("b", other)))
    [there], [back] = compared(first, second), compared(second, first)
    assert (there.fixed, there.broken) == (back.broken, back.fixed)
    assert [c.difference.value for c in there.categories] == [-(c.difference.value or 0) for c in back.categories]
    assert there.first_figure == back.second_figure


def made(values: Sequence[float], category: Sequence[str]) -> Measure:
    """Overlaps of boxes."""
    return measure(values, category=category, metric="mean_iou")


def test_shuffled_rows_give_the_same_result() -> None:
    first, second = (answers(name, rotated_choice(0.5, seed), "k-mmbench") for name, seed in (("a", 1), ("b", 2)))
    shuffled = [replace(m, units=m.units.sample(frac=1, random_state=3)) for m in second.measures]
    assert compare(first, answers("b", shuffled, "k-mmbench"), SETTINGS) == compare(first, second, SETTINGS)
