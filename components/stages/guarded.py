"""Becomes a command, after a guard was set beside it.

    python -m components.stages.guarded MARK PID,PID FOLDER COMMAND [ARGUMENT ...]

The command runs in FOLDER and ends with the first of the PIDs that does; what it leaves behind ends with it.
"""

from __future__ import annotations

import os
import sys

from components.stages.orphans import start_guard

_NOT_RUN = 127
"""As shells have it."""


def main(mark: str, others: str, folder: str, *command: str) -> None:
    """Set the guard, and become the command."""
    start_guard(mark, os.getpid(), [int(pid) for pid in others.split(",")])
    os.chdir(folder)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(_NOT_RUN)


if __name__ == "__main__":
    main(*sys.argv[1:])
