"""Child processes whose output is read line by line and which never outlive this process."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")

OnLine = Callable[[str], None]


class Stopped(RuntimeError):
    """Nothing more may be started: the run is being stopped."""


def dvc(*arguments: str) -> list[str]:
    """Return the command that runs DVC from the environment of this process."""
    return [sys.executable, "-m", "dvc", *arguments]


class Processes:
    """Starts guarded commands in one folder, and ends all of them on `stop`."""

    def __init__(self, root: Path, environment: Mapping[str, str] | None = None) -> None:
        self._root = root
        self._environment = {**_environment(), **(environment or {})}
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, command: list[str], on_line: OnLine) -> int:
        """Run `command`, hand each line of its output to `on_line`, and return its exit code."""
        process = self._start(command)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if text := _last_drawn(line):
                    on_line(text)
            return process.wait()
        finally:
            # Where reading broke off (an exception in on_line), the command must not go on unseen.
            self._end(process)

    def stop(self) -> None:
        """End every running command, wait until they are gone, and refuse new ones."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _close(process)
        for process in running:
            process.wait()

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise Stopped(f"not started, the run is being stopped: {' '.join(command)}")
            process = subprocess.Popen(
                [sys.executable, str(GUARD), *command],
                cwd=self._root,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # Out of the terminal's group: Ctrl-C reaches only this process, which then stops the rest.
                start_new_session=True,
            )
            self._running.add(process)
            return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        _close(process)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        with self._lock:
            self._running.discard(process)


def _close(process: subprocess.Popen[bytes]) -> None:
    """Close the pipe that the guard watches."""
    if process.stdin is not None:
        process.stdin.close()


def _last_drawn(line: bytes) -> str:
    """Return the last state of a line that a progress bar drew many times over."""
    return line.decode("utf-8", errors="replace").rstrip().rpartition("\r")[2].rstrip()


def _environment() -> dict[str, str]:
    """Return this process's environment, with its own Python first and output that comes line by line."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}
