"""Beside a run, outside its session: waits until one of some processes has ended, then ends the run.

    python -m components.stages.guard MARK ROOT [PID ...]

ROOT is the process whose run it is, the others those without which it shall not go on. It costs the run nothing: the
kernel wakes it. No handler within the run could do this, as nothing runs after SIGKILL. It also removes what killed
processes leave behind: Ray's temporary folders, and what a killed DVC notes as in use. A line on its standard input
sends it away.
"""

from __future__ import annotations

import os
import selectors
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from components.files.owned import remove_ownerless
from components.stages.dvc_locks import clear_dead_locks
from components.stages.family import end, lives

_POLL_SECONDS = 1.0
"""Where the kernel cannot wake us: on macOS, and in some containers."""


def main(mark: str, root: int, others: Sequence[int]) -> None:
    """Wait, then end what there is."""
    try:
        family: psutil.Process | None = psutil.Process(root)
    except psutil.NoSuchProcess:
        family = None
    ended = wait_for_one([root, *others], sys.stdin.buffer)
    if ended is None:
        return
    number = end({mark}, family if ended != root else None)
    remove_ownerless()
    if project := os.environ.get("DVC_ROOT"):
        clear_dead_locks(Path(project))
    if number:
        # Last, since who read this may be gone, too.
        with suppress(OSError):
            print(f"process {ended} is gone: ended {number} processes of its run", file=sys.stderr, flush=True)


def wait_for_one(pids: Sequence[int], dismissal: IO[bytes]) -> int | None:
    """The first of the processes that ends, or None if a line comes first."""
    with selectors.DefaultSelector() as selector:
        selector.register(dismissal, selectors.EVENT_READ)
        polled = []
        for pid in pids:
            try:
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
            except ProcessLookupError:
                return pid
            except (AttributeError, OSError):
                polled.append(pid)
        while True:
            for key, _ in selector.select(_POLL_SECONDS if polled else None):
                if key.data is not None:
                    return int(key.data)
                if dismissal.readline():
                    return None
                selector.unregister(dismissal)  # closed by who is gone, or is now another program
            for pid in polled:
                if not lives(pid):
                    return pid


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), [int(pid) for pid in sys.argv[3:]])
