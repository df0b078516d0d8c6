"""Where a stage runs. One backend is one file here and one name in `BackendName` and `open_backend`."""

from pathlib import Path
from typing import Literal, Protocol

from flows.processes import OnLine

BackendName = Literal["local"]


class Backend(Protocol):
    """Runs stages by their names. `run` is called from several threads at once."""

    def run(self, stage: str, on_line: OnLine) -> int:
        """Bring `stage` up to date, hand its output to `on_line` line by line, and return the exit code.

        When this returns 0, the stage's outputs and its entry in dvc.lock are in the project's folder.
        """

    def stop(self) -> None:
        """End every running stage and return when they are gone; a later `run` raises `Stopped`."""


def open_backend(name: BackendName, root: Path) -> Backend:
    """Return the backend called `name` for the DVC project at `root`."""
    match name:
        case "local":
            from flows.backends.local import LocalBackend

            return LocalBackend(root)
