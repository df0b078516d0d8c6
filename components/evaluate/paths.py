"""Where the stage reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from components.stages.paths import BENCHMARKS, PREDICTIONS, REPORTS, SCORES, SCRATCH


@dataclass(frozen=True)
class Paths:
    """All paths under the project's folder."""

    root: Path

    @property
    def benchmarks(self) -> Path:
        """Ingest's items, one Parquet file a benchmark."""
        return self.root / BENCHMARKS

    @property
    def predictions(self) -> Path:
        """Answers: ``<subject>/<benchmark>.parquet`` and ``<subject>/speed.json``."""
        return self.root / PREDICTIONS

    @property
    def scores(self) -> Path:
        """Every figure with where it comes from."""
        return self.root / SCORES

    @property
    def metrics(self) -> Path:
        """The measured figures as DVC shows them."""
        return self.root / REPORTS / "evaluate/metrics.json"

    @property
    def table(self) -> Path:
        """The measured figures as DVC plots them."""
        return self.root / REPORTS / "evaluate/scores.csv"

    @property
    def scratch(self) -> Path:
        """Answers of a run that was cut short."""
        return self.root / SCRATCH / "evaluate"

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
