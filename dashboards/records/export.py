"""The export's report: what each bundle weighs, what its quantisation cost, how fast it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dashboards.records.files import WORKSPACE, Record, find
from dashboards.records.problem import RecordError
from dashboards.records.tables import read_json

PATH = "artifacts/export/report.json"
REFUSED = "scratch/export/refused/report.json"
"""What the last export of the workspace left, if it was refused."""
PAIRINGS = ("vision", "language", "both")
DIVERGENCES = ("kl_mean", "kl_p999", "perplexity_ratio", "top1")
SPEEDS = (
    "first_token_ms",
    "first_token_ms_p95",
    "tokens_per_second",
    "characters_per_second",
    "load_seconds",
    "peak_mb",
    "memory_share",
)


@dataclass(frozen=True)
class ExportReport:
    """What report.json says; a figure that was not measured is missing in its table."""

    bundles: pd.DataFrame
    """name, weights, form (of the image encoder; "": there is but one), size_mb, refused (sentences, a line each),
    refused_forms (faster ones, with reasons), and kl_mean and top1 of the whole bundle."""
    model_mb: float | None
    """The model's weights in bf16."""
    divergences: pd.DataFrame
    """name, pairing, and DIVERGENCES."""
    scores: pd.DataFrame
    """name, benchmark, metric, score, model_score, difference, low, high, p, n."""
    left_out: pd.DataFrame
    """name, benchmark, reason."""
    speed: pd.DataFrame
    """name, with_image, and SPEEDS."""
    device: str


@dataclass(frozen=True)
class RefusedForm:
    """A faster form of a bundle's image encoder, and what was against it."""

    form: str
    reasons: str


def read_export(record: Record) -> ExportReport:
    """report.json, checked."""
    report = read_json(record)
    try:
        return _read(report)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise RecordError("damaged", record.name, f"{type(error).__name__}: {error}") from error


def last_refusals(root: Path) -> list[str]:
    """What was against the bundles of the workspace's last export, if it was refused and nothing stands in its place.

    Returns:
        A sentence each; empty: it was not, or its report cannot be read.
    """
    if (root / PATH).exists() or not (root / REFUSED).exists():
        return []
    try:
        bundles = read_export(find(root, WORKSPACE, REFUSED)).bundles
    except RecordError:
        return []
    return [sentence for refused in bundles["refused"] for sentence in refused.splitlines()]


def _read(report: dict[str, Any]) -> ExportReport:
    bundles, speed = report["bundles"], report["speed"]
    rows = [(one["name"], row) for one in bundles for row in one["quality"]["scores"]]
    figures = ["metric", "score", "model_score", "difference", "low", "high", "p", "n"]
    return ExportReport(
        bundles=pd.DataFrame([_bundle(one) for one in bundles]),
        model_mb=report.get("model_mb_bf16"),
        divergences=pd.DataFrame(
            [
                {"name": one["name"], "pairing": pairing, **_chosen(found, DIVERGENCES)}
                for one in bundles
                for pairing in PAIRINGS
                if (found := one["quality"]["divergence"].get(pairing))
            ],
            columns=["name", "pairing", *DIVERGENCES],
        ),
        scores=pd.DataFrame(
            [
                {"name": name, "benchmark": row["benchmark"], **_chosen(row, figures)}
                for name, row in rows
                if "refused" not in row
            ],
            columns=["name", "benchmark", *figures],
        ),
        left_out=pd.DataFrame(
            [
                {"name": name, "benchmark": row["benchmark"], "reason": row["refused"]}
                for name, row in rows
                if "refused" in row
            ],
            columns=["name", "benchmark", "reason"],
        ),
        speed=pd.DataFrame(
            [
                {"name": row["name"], "with_image": bool(row["with_image"]), **_chosen(row, SPEEDS)}
                for row in speed["rows"]
            ],
            columns=["name", "with_image", *SPEEDS],
        ),
        device=str(speed.get("device", "")),
    )


def _bundle(one: dict[str, Any]) -> dict[str, Any]:
    whole = one["quality"]["divergence"].get("both", {})
    forms = one.get("refused_forms", [])
    return {
        "name": str(one["name"]),
        "weights": str(one["weights"]),
        "form": str(one.get("form", "")),
        "size_mb": float(one["size_mb"]),
        "refused": "\n".join(one["refused"]),
        "refused_forms": [RefusedForm(str(each["form"]), "; ".join(each["reasons"])) for each in forms],
        "kl_mean": whole.get("kl_mean"),
        "top1": whole.get("top1"),
    }


def _chosen(row: dict[str, Any], keys: tuple[str, ...] | list[str]) -> dict[str, Any]:
    return {key: row.get(key) for key in keys}
