"""Where the stage reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from components.stages.errors import Missing
from components.stages.paths import BACKBONES, BENCHMARKS, EVALUATION, LEAKS, PREDICTIONS, REPORTS, SCORES, SCRATCH


@dataclass(frozen=True)
class Paths:
    """All paths under the project's folder."""

    root: Path

    @property
    def benchmarks(self) -> Path:
        """Ingest's items, one Parquet file a benchmark."""
        return self.root / BENCHMARKS

    @property
    def leaks(self) -> Path:
        """Which items show images that training shows, too."""
        return self.root / LEAKS

    @property
    def predictions(self) -> Path:
        """Answers: ``<subject>/<benchmark>.parquet`` and ``<subject>/speed.json``."""
        return self.root / PREDICTIONS

    @property
    def judgements(self) -> Path:
        """Ratings of answers: ``<subject>/<benchmark>.parquet``."""
        return self.root / EVALUATION / "judgements"

    @property
    def scores(self) -> Path:
        """Every figure with where it comes from."""
        return self.root / SCORES

    @property
    def comparison(self) -> Path:
        """The run beside the others: report in two languages, JSON, picture."""
        return self.root / EVALUATION / "comparison"

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
        """Answers and judgements of a run that was cut short, and models of other layouts, converted."""
        return self.root / SCRATCH / "evaluate"

    @property
    def backbones(self) -> Path:
        """What the demo's stand-in is made of."""
        return self.root / BACKBONES

    def model(self, stage: str) -> Path:
        """The model folder that a stage wrote."""
        return self.root / "artifacts" / stage / "model"

    def benchmark_files(self) -> dict[str, Path]:
        """Every benchmark's file by its name.

        Raises:
            Missing: if ingest has written none.
        """
        found = {file.stem: file for file in sorted(self.benchmarks.glob("*.parquet"))}
        if not found:
            raise Missing(f"no benchmark in {self.benchmarks}: run `dvc repro ingest`")
        return found
