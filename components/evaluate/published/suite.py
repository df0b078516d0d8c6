"""The published benchmarks that the project is set against, and why a subject has no figure on one."""

from __future__ import annotations

from dataclasses import dataclass

from components.evaluate.latency.rates import VARIANTS
from components.evaluate.rows import BASELINE, Row, empty_row

_NO_DATA = "not among ingest.benchmarks of params.yaml; profiles/aiku.yaml says how to declare it"
_UNPUBLISHED = "no published figure was found; evaluate.baselines of params.yaml can measure it here"
_DEMO = "no published figure: a demo benchmark; it has to be measured here, on the same items"


@dataclass(frozen=True)
class Published:
    """A benchmark of the literature: its name here once its data are ingested, and what it is known by."""

    ingested_as: str
    category: str
    metric: str


SUITE: dict[str, Published] = {
    "K-SEED": Published("k-seed", "closed", "accuracy"),
    "K-DTCBench": Published("k-dtcbench", "closed", "accuracy"),
    "K-MMStar": Published("k-mmstar", "closed", "accuracy"),
    "K-MMBench(dev)": Published("k-mmbench", "closed", "accuracy"),
    "K-LLaVA-W": Published("k-llava-w", "open", "relative_score"),
    "MS COCO Korean": Published("coco-captions", "captioning", "cider_d"),
    "AIKU simple OCR (text->bbox)": Published("ocr-box", "ocr", "mean_iou"),
    "AIKU simple OCR, top-400": Published("ocr-box-top-400", "ocr", "mean_iou"),
    "AIKU complex OCR": Published("ocr-complex", "ocr", "judge_accuracy"),
    "AIKU Korean culture MCQ": Published("culture", "culture", "accuracy"),
    "K-Viscuit": Published("k-viscuit", "culture", "accuracy"),
}


def name_here(benchmark: str, ingested: set[str]) -> str:
    """A published benchmark's name in the scores: that of its items if they are ingested, else its own."""
    return SUITE[benchmark].ingested_as if SUITE[benchmark].ingested_as in ingested else benchmark


def unmeasured_rows(subjects: list[str], ingested: set[str]) -> list[Row]:
    """``not run`` rows of our subjects on the published benchmarks that are not ingested."""
    return [
        empty_row(subject, name, published.category, published.metric, "not run", _NO_DATA)
        for name, published in SUITE.items()
        if published.ingested_as not in ingested
        for subject in subjects
    ]


def missing_rows(rows: list[Row]) -> list[Row]:
    """A ``missing`` row of the standing baseline for each line on which it has none.

    Of timings, which nobody publishes in all conditions, only for those with a picture, one question at a time.
    """
    has = {(row.benchmark, row.metric) for row in rows if row.subject == BASELINE}
    lines = {(row.benchmark, row.metric): row for row in rows if row.subject != BASELINE and not _is_variant(row)}
    return [_missing(row) for line, row in lines.items() if line not in has]


def _is_variant(row: Row) -> bool:
    return row.metric.endswith(VARIANTS)


def _missing(row: Row) -> Row:
    reason = _DEMO if row.benchmark.endswith("-demo") else _UNPUBLISHED
    return empty_row(BASELINE, row.benchmark, row.category, row.metric, "missing", reason, row.higher_is_better)
