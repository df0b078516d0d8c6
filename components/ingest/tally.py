"""What became of one source's rows: counts, sizes, refusals, an example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from components.ingest.records import Rejected, SourceError
from components.ingest.split import SPLITS, SplitName
from components.params.schema import Source

_REPORT_EVERY = 20_000


@dataclass
class SplitCount:
    """Sums over the samples of a split."""

    samples: int = 0
    images: int = 0
    tokens: int = 0
    bytes: int = 0
    turns: int = 0


@dataclass
class Tally:
    """Filled row by row."""

    source: Source
    splits: dict[SplitName, SplitCount] = field(default_factory=lambda: {split: SplitCount() for split in SPLITS})
    rejected: list[Rejected] = field(default_factory=list)
    example: dict[str, Any] | None = None
    training_images: set[str] = field(default_factory=set)
    """Digests of all images that training sees."""

    @property
    def kept(self) -> int:
        """Samples in all splits."""
        return sum(count.samples for count in self.splits.values())

    @property
    def read(self) -> int:
        """Rows of the data set."""
        return self.kept + len(self.rejected)

    def keep(self, split: SplitName, row: dict[str, Any], digests: Sequence[str]) -> None:
        """Count a sample."""
        count = self.splits[split]
        count.samples += 1
        count.images += len(row["images"])
        count.tokens += row["tokens"]
        count.bytes += sum(len(image["bytes"]) for image in row["images"])
        count.turns += len(row["conversation"]) // 2
        if split == "train":
            self.training_images.update(digests)
            self.example = self.example or _example(row)
        self._report()

    def refuse(self, rejected: Rejected) -> None:
        """Count a refused row."""
        self.rejected.append(rejected)
        self._report()

    def line(self) -> str:
        """One line for the terminal."""
        return f"{self.source.name}: read {self.read:,}, kept {self.kept:,}, refused {len(self.rejected):,}"

    def faults(self) -> list[tuple[str, int]]:
        """Reasons for refusing, the commonest first."""
        counts = Counter(rejected.fault for rejected in self.rejected)
        return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))

    def stop_if_too_many_refused(self) -> None:
        """Raise SourceError if more rows were refused than the source allows."""
        share = len(self.rejected) / self.read
        if share <= self.source.max_rejected:
            return
        reasons = "; ".join(f"{count:,} x {fault}" for fault, count in self.faults()[:3])
        first = self.rejected[0]
        raise SourceError(
            f"source {self.source.name}: {share:.1%} of {self.read:,} rows refused, max_rejected is "
            f"{self.source.max_rejected:.1%}: {reasons} (first: row {first.id}, {first.reason}). "
            f"Mend the data, or raise max_rejected of this source in params.yaml"
        )

    def _report(self) -> None:
        if self.read % _REPORT_EVERY == 0:
            print(f"ingest: {self.line()} so far", flush=True)


def _example(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "images": [image["path"] for image in row["images"]],
        "conversation": [dict(turn) for turn in row["conversation"]],
        "tokens": row["tokens"],
    }
