"""What the recorded repository's evaluation compared, by the code of the stage itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from components.evaluate.comparison.answers import Answers
from components.evaluate.comparison.compare import compare
from components.evaluate.comparison.corrected import corrected
from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.write import write_report
from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.rows import Row, Versions
from components.evaluate.statistics.intervals import interval
from components.evaluate.statistics.settings import Settings
from components.scoring.measure import Measure, item_measure

STATISTICS = Settings(confidence=0.95, resamples=400, seed=7)
VERSIONS = {"items": "0123456789ab", "prompt": "2026-08", "parser": "1", "decoding": "greedy", "judge": "none"}
OTHER_PROMPT = VERSIONS | {"prompt": "2025-03"}
METRICS = {"k-dtcbench-demo": "accuracy", "ocr-box-demo": "mean_iou", "instructions-demo": "exact_match"}
"""Main metric of each benchmark that has answers."""

# Rows of a benchmark's answers, by benchmark.
Tables = Mapping[str, list[dict[str, Any]]]


def measures(benchmark: str, answers: list[dict[str, Any]]) -> list[Measure]:
    """The main figure, and for right and wrong answers how many could be read."""
    items = pd.DataFrame(answers).assign(group="")
    main = item_measure(METRICS[benchmark], items, np.array(items["score"]))
    return [main, item_measure("parse_rate", items, np.array(items["parsed"].notna()))]


def figure(measure: Measure) -> dict[str, Any]:
    """Value, interval and number of items, as scores.json holds them."""
    low, high = interval(measure, STATISTICS)
    return {"value": measure.value, "low": low, "high": high, "n": measure.n}


def category_figures(measure: Measure) -> dict[str, Any]:
    """The same by category."""
    parts = measure.units.groupby("category", sort=True)
    return {name: figure(Measure(measure.metric, units)) for name, units in parts}


def results(answers: Mapping[str, Tables]) -> list[Comparison | Refusal]:
    """The first model against each other one, and captions for which the stand-in was asked in other words."""
    (main, mine), *others = answers.items()
    found = [result for name, theirs in others for result in _compared(main, mine, name, theirs)]
    return corrected([*found, *_refused(main)])


def _compared(main: str, mine: Tables, name: str, theirs: Tables) -> list[Comparison | Refusal]:
    found: list[Comparison | Refusal] = []
    for benchmark in METRICS:
        first, second = (
            Answers(subject, benchmark, VERSIONS, measures(benchmark, tables[benchmark]))
            for subject, tables in ((main, mine), (name, theirs))
        )
        found += compare(first, second, STATISTICS)
    return found


def _refused(main: str) -> list[Comparison | Refusal]:
    items = pd.DataFrame({"item_id": ["a", "b"], "group": "", "category": ""})
    caption = item_measure("cider_d", items, [1.0, 2.0])
    first = Answers(main, "captions-demo", VERSIONS, [caption])
    return compare(first, Answers("stand-in", "captions-demo", OTHER_PROMPT, [caption]), STATISTICS)


def write_comparison(
    folder: Path, found: list[Comparison | Refusal], rows: list[dict[str, Any]], labels: dict[str, str]
) -> None:
    """comparison.json, both reports and the picture."""
    known = [Row(**{**row, "versions": Versions(**row["versions"])}) for row in rows]
    write_report(folder, Contents(found, known, [], labels, STATISTICS))


def changes(found: list[Comparison | Refusal]) -> dict[str, Any]:
    """<main>_minus_<other> as metrics.json holds them."""
    nested: dict[str, Any] = {}
    for result in found:
        if isinstance(result, Comparison) and result.is_main:
            paired = result.paired
            change = {"value": paired.difference.value, "low": paired.difference.low, "high": paired.difference.high}
            change |= {"p": result.p_adjusted, "n": paired.units}
            pair = nested.setdefault(f"{result.first}_minus_{result.second}", {})
            pair.setdefault(result.benchmark, {})[result.metric] = change
    return nested
