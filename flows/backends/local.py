"""Stages as processes on this machine."""

from pathlib import Path

from flows.processes import OnLine, Processes, dvc


class LocalBackend:
    """Runs each stage as `dvc repro` in the project's folder."""

    def __init__(self, root: Path) -> None:
        self._processes = Processes(root)

    def run(self, stage: str, on_line: OnLine) -> int:
        """Reproduce `stage` alone; what it needs was reproduced before it."""
        # Without --wait-for-lock, DVC gives up after 3 s where another stage holds its lock at the moment in
        # which this stage ends, and forgets the finished stage.
        return self._processes.run(dvc("--wait-for-lock", "repro", "--single-item", stage), on_line)

    def stop(self) -> None:
        """End the running stages."""
        self._processes.stop()
