"""Two models on one benchmark."""

from __future__ import annotations

from dataclasses import replace

from components.evaluate.comparison.agreement import differing_measures, differing_versions
from components.evaluate.comparison.answers import Answers
from components.evaluate.comparison.changes import changed_units
from components.evaluate.comparison.common import on_common_units
from components.evaluate.comparison.figures import figure
from components.evaluate.comparison.results import CategoryDifference, Comparison, Refusal
from components.evaluate.statistics.paired import difference, paired
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure

_PRESENT, _ABSENT = "measured", "no such figure"


def compare(first: Answers, second: Answers, settings: Settings) -> list[Comparison | Refusal]:
    """One result a figure, the main one first. Figures that were not measured in the same way get a refusal.

    Judged ones are compared on the units that were judged for both.

    Raises:
        ValueError: if the two are not about the same benchmark.
    """
    if first.benchmark != second.benchmark:
        raise ValueError(f"{first.benchmark} and {second.benchmark} are two benchmarks; compare models on one")
    versions = differing_versions(first.versions, second.versions)
    mine, other = ({measure.metric: measure for measure in answers.measures} for answers in (first, second))
    results: list[Comparison | Refusal] = []
    for metric in mine.keys() & other.keys():
        mine[metric], other[metric] = on_common_units(mine[metric], other[metric])
    for place, metric in enumerate(dict.fromkeys([*mine, *other])):
        differs = versions | _differs(mine.get(metric), other.get(metric))
        if differs:
            results.append(Refusal(first.subject, second.subject, first.benchmark, metric, differs))
        else:
            results.append(_compared(first, second, mine[metric], other[metric], place == 0, settings))
    return results


def _differs(mine: Measure | None, other: Measure | None) -> dict[str, tuple[str, str]]:
    if mine is None or other is None:
        return {"figure": (_ABSENT if mine is None else _PRESENT, _ABSENT if other is None else _PRESENT)}
    return differing_measures(mine, other)


def _compared(
    first: Answers, second: Answers, mine: Measure, other: Measure, is_main: bool, settings: Settings
) -> Comparison:
    fixed, broken = changed_units(mine, other)
    return Comparison(
        first.subject,
        second.subject,
        first.benchmark,
        mine.metric,
        is_main,
        mine.higher_is_better,
        figure(mine, settings),
        figure(other, settings),
        paired(mine, other, settings),
        None,
        _categories(mine, other, settings),
        fixed,
        broken,
        dict(first.versions),
    )


def _categories(mine: Measure, other: Measure, settings: Settings) -> list[CategoryDifference]:
    names = sorted(set(mine.units["category"]))
    return [_category(name, mine, other, settings) for name in names] if len(names) > 1 else []


def _category(name: str, mine: Measure, other: Measure, settings: Settings) -> CategoryDifference:
    """Units belong to the category that the first model's table gives: both tables are of the same items."""
    chosen = mine.units.loc[mine.units["category"] == name, "unit"]
    first, second = (replace(m, units=m.units[m.units["unit"].isin(chosen)]) for m in (mine, other))
    return CategoryDifference(name, first.n, first.value, second.value, difference(first, second, settings))
