"""What a reader raises when a file cannot be shown, with the command that puts it right."""

from __future__ import annotations

from typing import Literal

Kind = Literal["missing", "absent", "not cached", "damaged", "tool", "server"]


class RecordError(Exception):
    """A file of a run that cannot be shown.

    kind: "missing" (the workspace has not made it yet), "absent" (the run never had it), "not cached" (DVC
    knows it but its bytes are not on this machine), "damaged" (not what the stage writes), "tool" (DVC or git
    failed), "server" (who was asked did not answer; the path is its address).
    """

    def __init__(self, kind: Kind, path: str, detail: str = "", fix: str | None = None) -> None:
        self.kind: Kind = kind
        self.path = path
        self.detail = detail
        self.fix = _fix(kind, path) if fix is None else fix
        super().__init__(f"{path}: {kind}{': ' + detail if detail else ''} (fix: {self.fix})")


def stage_of(path: str) -> str:
    """The stage that writes a file: the second part of artifacts/<stage>/... and reports/<stage>/..."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] in ("artifacts", "reports") else ""


def _fix(kind: Kind, path: str) -> str:
    stage = stage_of(path)
    if kind == "missing":
        return f"dvc repro {stage}" if stage else "make demo"
    if kind == "not cached":
        return f"dvc pull {path}"
    if kind == "damaged":
        return f"dvc checkout --force {path}  ||  dvc repro --force --single-item {stage}" if stage else ""
    return ""
