"""Where an export lies until it is whole, where it goes then, and where one goes that was refused.

Nothing stands in the stage's outputs before all of it does: what is there, DVC would record as done, whatever became
of the command that left it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from components.stages.paths import EXPORT, REFUSED_EXPORT, REPORTS

WRITING = REFUSED_EXPORT.with_name("writing")
"""Laid out like artifacts/export."""


def clear() -> None:
    """Remove what a former run wrote; the last refusal stays until another run has ended."""
    for folder in (WRITING, EXPORT, REPORTS / "export"):
        shutil.rmtree(folder, ignore_errors=True)
    WRITING.mkdir(parents=True)


def put_in_place() -> None:
    """Move all that was written to artifacts/export at once."""
    EXPORT.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(WRITING, EXPORT)
    shutil.rmtree(REFUSED_EXPORT, ignore_errors=True)


def keep_refused() -> Path:
    """Move all that was written to where it can be looked at: that folder."""
    shutil.rmtree(REFUSED_EXPORT, ignore_errors=True)
    shutil.move(WRITING, REFUSED_EXPORT)
    return REFUSED_EXPORT
