"""Run a command, and end it with everything that it started when the caller is gone.

    python guard.py COMMAND [ARGUMENT ...]

The caller holds the other end of this process's standard input. When that pipe closes, because the caller
closed it or because it was killed, the command's process group is ended. A handler in the caller could not do
this: nothing runs after SIGKILL. Only the standard library is imported, so that a guard starts at once.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

GRACE_SECONDS = 10.0
"""Time between SIGTERM and SIGKILL, for a training stage to write its last checkpoint."""


def main(command: list[str]) -> int:
    """Run `command` and return its exit code, or 128 + n if signal n ended it."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    signal.signal(signal.SIGTERM, lambda *_: _end_later(child.pid))
    threading.Thread(target=_watch_caller, args=(child.pid,), daemon=True).start()
    code = child.wait()
    # The command may be gone while something that it started is not (killed for memory, or a forgotten `&`).
    _end_group(child.pid)
    return code if code >= 0 else 128 - code


def _watch_caller(group: int) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    _end_group(group)


def _end_later(group: int) -> None:
    # In a thread, because a signal handler must not block the main thread's wait.
    threading.Thread(target=_end_group, args=(group,), daemon=True).start()


def _end_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
