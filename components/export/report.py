"""What the stage found, for the dashboard (report.json), for people (report.md, report.ko.md) and for DVC (metrics)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.evaluate.comparison.report.texts import Language
from components.export.quality.report import Measured, as_json, quality_lines, verdict_lines
from components.export.speed.report import speed_lines
from components.export.speed.subjects import TRANSFORMERS
from components.export.texts import say
from components.files.atomic import write_json, write_text
from components.stages.paths import EXPORT_REPORT, REPORTS

_LANGUAGES: dict[str, Language] = {"report.md": "en", "report.ko.md": "ko"}


def write_report(folder: Path, bundles: Sequence[Measured], speed: Mapping[str, Any], bf16_mb: float) -> None:
    """Write it for programs and for people, also where bundles were refused.

    Args:
        folder: artifacts/export, or what will be moved there.
        bundles: in the order of params.yaml.
        speed: as measure_speed gives it.
        bf16_mb: size of the model's weights in bf16, 10^6 bytes.
    """
    found = {"bundles": [as_json(one) for one in bundles], "speed": speed, "model_mb_bf16": bf16_mb}
    write_json(folder / EXPORT_REPORT.name, found)
    for name, language in _LANGUAGES.items():
        write_text(folder / name, "\n".join(_lines(bundles, speed, language)))


def write_metrics(bundles: Sequence[Measured], speed: Mapping[str, Any], seconds: float) -> None:
    """Write what DVC compares runs by; ``seconds`` that the stage took."""
    figures: dict[str, Any] = {one.name: _figures(one, speed) for one in bundles}
    write_json(REPORTS / "export" / "metrics.json", {**figures, "seconds": round(seconds, 1)})


def _lines(bundles: Sequence[Measured], speed: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield from (f"# {say('title', language)}", "", *verdict_lines(bundles, language))
    yield from quality_lines({one.name: one.quality for one in bundles}, language)
    yield from (f"## {say('speed', language)}", "", *speed_lines(speed, language))


def _figures(bundle: Measured, speed: Mapping[str, Any]) -> dict[str, float]:
    rows = {row["name"]: row for row in speed["rows"] if row["with_image"]}
    own, transformers = rows[bundle.name], rows[TRANSFORMERS]
    whole = bundle.quality.divergence["both"]
    return {
        "size_mb": round(bundle.size_mb, 3),
        "kl_mean": round(whole.kl_mean, 5),
        "top1": round(whole.top1, 4),
        "first_token_ms": round(own["first_token_ms"], 2),
        "tokens_per_second": round(own["tokens_per_second"], 1),
        "speedup": round(own["tokens_per_second"] / transformers["tokens_per_second"], 3),
    }
