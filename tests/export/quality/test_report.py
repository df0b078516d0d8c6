"""The report in two languages: all that was measured, and why something was not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from components.export.quality.report import Measured, as_json, write_quality_report
from components.export.quality.results import Divergence, Features, NotCompared, Quality, Score

FOUND = Divergence(
    kl_mean=0.000222,
    kl_p999=0.0117,
    perplexity_ratio=1.0016,
    top1=0.969,
    top1_low=0.963,
    top1_high=0.974,
    tokens=3855,
    samples=220,
)
SCORE = Score(
    benchmark="ocr-read-demo",
    metric="cer",
    higher_is_better=False,
    score=0.156,
    model_score=0.129,
    difference=0.026,
    low=0.001,
    high=0.068,
    p=0.531,
    n=240,
    wins=4,
    ties=228,
    losses=8,
)
JUDGED = NotCompared(benchmark="k-llava-w-demo", refused="a judge rates its answers", by_choice=True)


def measured(name: str, *refused: str) -> Measured:
    quality = Quality(
        divergence={"vision": FOUND, "language": FOUND, "both": FOUND},
        features=Features(mean_cosine=0.99951, min_cosine=0.94, pictures=202),
        scores=[SCORE, JUDGED],
        confidence=0.95,
    )
    return Measured(name, "int8", 1234.5, quality, refused)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            "report.md",
            ("# What quantisation cost", "| int8 | vision |", "within its limits", "95 % interval"),
        ),
        ("report.ko.md", ("# 양자화로 잃은 것", "| int8 | 그림 |", "한계 안", "95 % 신뢰 구간")),
    ],
)
def test_all_bundles_stand_in_one_report(tmp_path: Path, file: str, said: tuple[str, ...]) -> None:
    broken = "export.bundles[int4].limits.top1: found 0.9, at least 0.95 is needed"
    write_quality_report(tmp_path, [measured("int8"), measured("int4", broken)])
    text = (tmp_path / file).read_text(encoding="utf-8")
    for words in (*said, "0.000222", "0.0117", "1.0016", "0.969 \\[0.963, 0.974\\]", "3,855", "0.99951", "0.94000"):
        assert words in text
    assert "+0.026 \\[+0.001, +0.068\\] | 0.531 | 4 / 228 / 8" in text
    assert broken.replace("[", "\\[").replace("]", "\\]").replace("_", "\\_") in text
    assert text.count("a judge rates its answers") == 1
    assert "| int8, int4 | k-llava-w-demo |" in text


def test_programs_get_the_same() -> None:
    found = json.loads(json.dumps(as_json(measured("int8"))))
    assert found["quality"]["divergence"]["both"]["kl_p999"] == 0.0117
    assert found["quality"]["features"]["min_cosine"] == 0.94
    assert [score["benchmark"] for score in found["quality"]["scores"]] == ["ocr-read-demo", "k-llava-w-demo"]
    assert Quality.model_validate(found["quality"]) == measured("int8").quality
