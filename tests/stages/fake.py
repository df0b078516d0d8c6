"""A stage that only starts processes of every kind that stages start, and waits until it is let go."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from components.files.atomic import write_json
from components.stages.computing import computing

PIDS, GO, DONE = Path("pids.json"), Path("go"), Path("done.txt")
"""In the folder where it runs: its processes while it waits; what lets it go; its output."""
_SLEEP = [sys.executable, "-c", "import time; time.sleep(3600)"]


def main() -> None:
    """Start, wait, end what was started, and write the output."""
    started = [
        subprocess.Popen(_SLEEP),
        # As Ray's: in a session of its own, which starts more.
        subprocess.Popen(["sh", "-c", "sleep 3600 & sleep 3600"], start_new_session=True),
    ]
    # As a loader's: without another program, so that its environment is the one with which the stage began.
    fork = multiprocessing.get_context("fork").Process(target=time.sleep, args=(900,))
    fork.start()
    mine = psutil.Process()
    while len(mine.children(recursive=True)) < 6:  # with the guard
        time.sleep(0.01)
    write_json(PIDS, [mine.pid, *(one.pid for one in mine.children(recursive=True))])
    while not GO.exists():
        time.sleep(0.02)
    for pid in [*(process.pid for process in started), fork.pid]:
        for process in [*psutil.Process(pid).children(), psutil.Process(pid)]:
            process.kill()
    PIDS.unlink()
    DONE.write_text(str(os.getpid()))


def pids(folder: Path) -> list[int]:
    """Of the stage that waits in the folder; none if there is no such."""
    file = folder / PIDS
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []


if __name__ == "__main__":
    with computing("components.fake"):
        main()
