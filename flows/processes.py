"""Child processes whose output is read line by line and which never outlive this process."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from components.stages.family import end
from components.stages.orphans import run_guarded

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
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        """By the marks of what they start."""
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, command: list[str], on_line: OnLine) -> int:
        """Run `command`, hand each line of its output to `on_line`, and return its exit code, or 128 + n if signal n
        ended it."""
        process, mark = self._start(command)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if text := _last_drawn(line):
                    on_line(text)
            code = process.wait()
            return code if code >= 0 else 128 - code
        finally:
            # Where reading broke off (an exception in on_line), the command must not go on unseen.
            self._end(process, mark)

    def stop(self) -> None:
        """End every running command, wait until they are gone, and refuse new ones."""
        with self._lock:
            self._stopped = True
            running = dict(self._running)
        end(running.keys())
        for process in running.values():
            process.wait()

    def _start(self, command: list[str]) -> tuple[subprocess.Popen[bytes], str]:
        with self._lock:
            if self._stopped:
                raise Stopped(f"not started, the run is being stopped: {' '.join(command)}")
            process, mark = run_guarded(
                command,
                self._root,
                self._environment,
                [os.getpid()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # Out of the terminal's group: Ctrl-C reaches only this process, which then stops the rest.
                start_new_session=True,
            )
            self._running[mark] = process
            return process, mark

    def _end(self, process: subprocess.Popen[bytes], mark: str) -> None:
        if process.poll() is None:
            end({mark})
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        with self._lock:
            del self._running[mark]


def _last_drawn(line: bytes) -> str:
    """Return the last state of a line that a progress bar drew many times over."""
    return line.decode("utf-8", errors="replace").rstrip().rpartition("\r")[2].rstrip()


def _environment() -> dict[str, str]:
    """Return this process's environment, with its own Python first and output that comes line by line."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}
