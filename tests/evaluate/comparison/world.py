"""Three models' made-up answers to benchmarks of every kind, and the rows of their scores."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from components.evaluate.comparison.answers import Answers
from components.evaluate.comparison.compare import compare
from components.evaluate.comparison.corrected import corrected
from components.evaluate.comparison.leaks import leak_effect
from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.leaks import Leaks
from components.evaluate.rows import BASELINE, Row, Versions, empty_row
from components.evaluate.statistics.intervals import interval
from components.evaluate.statistics.settings import Settings
from components.scoring.choice import score_choice, score_rotated_choice
from components.scoring.measure import Measure
from components.scoring.settings import Settings as ScoringSettings

SETTINGS = Settings(confidence=0.95, resamples=400, seed=7)
VERSIONS = {
    "items": "0123456789abcdef",
    "prompt": "p-1",
    "parser": "2",
    "decoding": "greedy, 16 tokens",
    "judge": "none",
}
SUBJECTS = {"finetune": 0.62, "pretrain": 0.35, "stand-in": 0.58}
LABEL = "small model in the file layout of KoLLaVA; it is not KoLLaVA"
_CATEGORIES = {
    "culture": "culture",
    "k-dtcbench": "closed",
    "k-mmbench": "closed",
    "ocr-read": "ocr",
    "k-llava-w": "open",
}


def answers(
    subject: str, measures: list[Measure], benchmark: str = "k-dtcbench", versions: Mapping[str, str] | None = None
) -> Answers:
    """A model's figures on a benchmark."""
    return Answers(subject, benchmark, VERSIONS | dict(versions or {}), measures)


def letters(right: np.ndarray, category: list[str], group: list[str] | None = None) -> pd.DataFrame:
    """Items of four options with answers of which some are right, as scorers take them."""
    rows: list[dict[str, Any]] = [
        {
            "item_id": f"문항-{place:04d}",
            "prompt": "무엇인가요?\nA. 사과\nB. 배\nC. 감\nD. 귤",
            "reference": "ABCD"[place % 4],
            "options": ["사과", "배", "감", "귤"],
            "response": "정답은 " + "ABCD"[(place + (not is_right)) % 4],
            "category": category[place],
            "group": group[place] if group else "",
        }
        for place, is_right in enumerate(right)
    ]
    return pd.DataFrame(rows)


def plain_choice(skill: float, seed: int, count: int = 240) -> list[Measure]:
    """K-DTCBench-like: accuracy and parse rate over three categories."""
    category = ["문서", "표", "차트"] * (count // 3)
    return score_choice(letters(_right(skill, count, seed), category), ScoringSettings()).measures


def rotated_choice(skill: float, seed: int, questions: int = 60) -> list[Measure]:
    """K-MMBench-like: circular accuracy, accuracy and parse rate over questions in four rotations."""
    group = [f"질문-{question:03d}" for question in range(questions) for _ in range(4)]
    category = [f"분류 {place // 120 + 1}" for place in range(questions * 4)]
    ease = np.repeat(np.random.default_rng(1).normal(0, 0.3, questions), 4)
    right = np.random.default_rng(seed).random(questions * 4) < np.clip(skill + 0.25 + ease, 0, 1)
    return score_rotated_choice(letters(right, category, group), ScoringSettings()).measures


def reading(skill: float, seed: int) -> list[Measure]:
    """Character error rate."""
    lengths = np.random.default_rng(2).integers(2, 12, 80)
    errors = np.random.default_rng(seed).binomial(lengths, 1 - skill)
    return [_measure("cer", errors, lengths, higher_is_better=False)]


def judged(skill: float, seed: int) -> list[Measure]:
    """Relative scores."""
    generator = np.random.default_rng(seed)
    reference = generator.integers(6, 11, 60)
    return [
        _measure("relative_score", np.clip(reference * skill + generator.normal(0, 1, 60), 1, 10), reference, 100.0)
    ]


def every_answer() -> dict[str, list[Answers]]:
    """Each benchmark's answers by all models; the stand-in's on reading were decoded in another way."""
    makers = {"k-dtcbench": plain_choice, "k-mmbench": rotated_choice, "ocr-read": reading, "k-llava-w": judged}
    found = {
        name: [answers(subject, make(skill, 10 + n), name) for n, (subject, skill) in enumerate(SUBJECTS.items())]
        for name, make in makers.items()
    }
    stand_in = found["ocr-read"][2]
    found["ocr-read"][2] = answers("stand-in", list(stand_in.measures), "ocr-read", {"decoding": "beam search"})
    return found


def results(everything: Mapping[str, list[Answers]]) -> list[Comparison | Refusal]:
    """All pairs of models on all benchmarks."""
    pairs = combinations(range(len(SUBJECTS)), 2)
    return corrected(
        [r for a, b in pairs for found in everything.values() for r in compare(found[a], found[b], SETTINGS)]
    )


def contents() -> Contents:
    """Everything that a report can hold."""
    everything = every_answer()
    leaked = {f"문항-{place:04d}" for place in range(30)}
    leaks = Leaks(240, 42, {"same image": 30, "near image": 12}, frozenset(leaked))
    effects = [
        leak_effect("k-dtcbench", leaks, leaked, everything["k-dtcbench"], SETTINGS),
        leak_effect("k-mmbench", Leaks(240, 0, {}, frozenset()), set(), everything["k-mmbench"], SETTINGS),
    ]
    rows = [_row(one, measure) for found in everything.values() for one in found for measure in one.measures]
    return Contents(results(everything), [*rows, *_speed(), *_without_value()], effects, {"stand-in": LABEL}, SETTINGS)


def _right(skill: float, count: int, seed: int) -> np.ndarray:
    ease = np.random.default_rng(0).normal(0, 0.35, count)
    return np.random.default_rng(seed).random(count) < np.clip(skill + ease, 0, 1)


def _measure(
    metric: str, above: np.ndarray, below: np.ndarray, factor: float = 1.0, higher_is_better: bool = True
) -> Measure:
    names = [f"문항-{place:04d}" for place in range(len(above))]
    columns = {
        "unit": names,
        "cluster": names,
        "category": "글자",
        "above": above.astype(float),
        "below": below.astype(float),
    }
    return Measure(metric, pd.DataFrame(columns), higher_is_better, factor)


def _row(one: Answers, measure: Measure) -> Row:
    low, high = interval(measure, SETTINGS)
    return Row(
        one.subject,
        one.benchmark,
        _CATEGORIES[one.benchmark],
        measure.metric,
        measure.value,
        low,
        high,
        measure.n,
        "measured",
        versions=Versions(**one.versions),
        higher_is_better=measure.higher_is_better,
        details=measure.details,
    )


def _speed() -> list[Row]:
    condition = "fp32, made-up processor, batch 1, 32 new tokens"
    return [
        Row(
            subject,
            "speed",
            "latency",
            metric,
            value,
            value * 0.9,
            value * 1.1,
            12,
            "measured",
            condition=condition,
            details={"batch": 1, "p5": value * 0.8, "p50": value, "p95": value * 1.2},
        )
        for subject in SUBJECTS
        for metric, value in (("tokens_per_second", 31.0), ("characters_per_second", 58.2))
    ]


def _without_value() -> list[Row]:
    return [
        *(
            empty_row(name, "K-SEED", "closed", "accuracy", "not run", "not among ingest.benchmarks")
            for name in SUBJECTS
        ),
        empty_row(BASELINE, "k-dtcbench", "closed", "accuracy", "missing", "no published figure was found"),
        Row(
            BASELINE,
            "AIKU simple OCR",
            "ocr",
            "mean_iou",
            0.0587,
            None,
            None,
            None,
            "published",
            source="AIKU | README",
            condition="4,000 items",
        ),
    ]
