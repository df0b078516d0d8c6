"""Where stages write. dvc.yaml declares the same places."""

from __future__ import annotations

from pathlib import Path

BACKBONES = Path("artifacts/backbones")
SHARDS = Path("artifacts/ingest/shards")
BENCHMARKS = Path("artifacts/ingest/benchmarks")
LEAKS = Path("artifacts/ingest/leaks.parquet")
PRETRAINED = Path("artifacts/pretrain/model")
FINETUNED = Path("artifacts/finetune/model")
ADAPTER = Path("artifacts/finetune/adapter")
EVALUATION = Path("artifacts/evaluate")
PREDICTIONS = Path("artifacts/evaluate/predictions")
SCORES = Path("artifacts/evaluate/scores.json")
EXPORT = Path("artifacts/export")
BUNDLES = Path("artifacts/export/bundles")
EXPORT_REPORT = Path("artifacts/export/report.json")
REPORTS = Path("reports")
SCRATCH = Path("scratch")
REFUSED_EXPORT = Path("scratch/export/refused")
"""What an export left that was refused: outside of its outputs, so that nobody takes it for done."""
