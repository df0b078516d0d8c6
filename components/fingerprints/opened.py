"""Files that code finds by their place: data, and plug-ins that no import names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

OPENED: dict[str, tuple[str, ...]] = {
    "components.backbones.shipped": ("pretrained/**/*",),
    "components.benchmarks.catalogue": ("layouts/*.py",),
    "components.evaluate.judge.template": ("templates/*.yaml",),
    "components.evaluate.models.shipped.stand_in": ("connector.safetensors", "adapter/*"),
    "components.evaluate.published.table": ("figures.csv",),
    "components.export.card.licences": ("licences.yaml",),
    "components.export.card.write": ("card.*.txt",),
    "components.ingest.licences": ("licences.yaml",),
    "components.ingest.wording": ("wordings/*.yaml",),
    "components.scoring.metrics.load": ("*/*.py",),
}
"""By module: patterns of what it opens, from its folder. A module that looks beside itself has a line here."""


def opened_by(module: str, folder: Path, kept: frozenset[str] | None) -> Iterator[Path]:
    """Files that a module in ``folder`` opens.

    Args:
        kept: of plug-ins, those that count, by their names in params.yaml; None: all.
    """
    for pattern in OPENED.get(module, ()):
        for path in sorted(folder.glob(pattern)):
            is_wanted = kept is None or path.stem.replace("_", "-") in kept
            if path.is_file() and path.suffix != ".pyc" and path.name != "__init__.py" and is_wanted:
                yield path
