"""Where the stage reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """All paths under the project's folder."""

    root: Path

    @property
    def benchmarks(self) -> Path:
        """Ingest's items, one Parquet file a benchmark."""
        return self.root / "artifacts/ingest/benchmarks"

    @property
    def predictions(self) -> Path:
        """Answers: ``<subject>/<benchmark>.parquet`` and ``<subject>/speed.json``."""
        return self.root / "artifacts/evaluate/predictions"

    @property
    def scores(self) -> Path:
        """Every figure with where it comes from."""
        return self.root / "artifacts/evaluate/scores.json"

    @property
    def metrics(self) -> Path:
        """The measured figures as DVC shows them."""
        return self.root / "reports/evaluate/metrics.json"

    @property
    def table(self) -> Path:
        """The measured figures as DVC plots them."""
        return self.root / "reports/evaluate/scores.csv"

    @property
    def scratch(self) -> Path:
        """Answers of a run that was cut short."""
        return self.root / "scratch/evaluate"

    def model(self, subject: str) -> Path:
        """The model folder of a subject."""
        return self.root / "artifacts" / subject / "model"

    def benchmark_files(self) -> dict[str, Path]:
        """Every benchmark's file by its name.

        Raises:
            FileNotFoundError: if ingest has written none.
        """
        found = {file.stem: file for file in sorted(self.benchmarks.glob("*.parquet"))}
        if not found:
            raise FileNotFoundError(f"no benchmark in {self.benchmarks}: run `dvc repro ingest`")
        return found
