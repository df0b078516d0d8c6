"""Nothing of a run outlives who started it: DVC's stages end with DVC, flows' commands with the flow.

A run is known by a mark in the environment of all its processes; a guard beside it ends those that carry it, when a
process that it waits for has ended. A stage that a person starts (``nohup python -m components.pretrain &``) goes on
when the shell is closed: only DVC tells what it starts so, in the variable DVC_STAGE.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from components.stages.family import GUARD, MARKS, starter, with_mark

_CODE = Path(__file__).parents[2]
_DVC = "DVC_STAGE"
_GUARDED = "components.stages.guarded"


@contextmanager
def ended_with_dvc() -> Iterator[None]:
    """For the time of the block, this process and all that has come from it ends with the DVC that started it, if one
    did; and if this process is killed, what it started in the block ends.

    Raises:
        StarterGone: if that DVC has ended already.
    """
    dvc, before, mark = starter(_DVC), os.environ.get(MARKS), _new_mark()
    os.environ[MARKS] = with_mark(before, mark)
    guard = start_guard(mark, os.getpid(), [dvc.pid] if dvc else [])
    try:
        yield
    finally:
        guard.communicate(b"done\n")
        if before is None:
            del os.environ[MARKS]
        else:
            os.environ[MARKS] = before


def _new_mark() -> str:
    """A name for a run that no other has."""
    return secrets.token_hex(8)


def start_guard(mark: str, root: int, others: Sequence[int]) -> subprocess.Popen[bytes]:
    """A guard of the run with this mark and root, which ends it when root or one of the others ends."""
    return subprocess.Popen(
        [sys.executable, "-m", GUARD, mark, str(root), *map(str, others)],
        cwd=_CODE,  # where it is found, whatever project the run is in
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # neither Ctrl-C nor the end of a process group reaches it
    )


def run_guarded(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], others: Sequence[int], **how: Any
) -> tuple[subprocess.Popen[bytes], str]:
    """Start a command in a folder that ends when one of the others does, and leaves nothing behind when it ends.

    Args:
        how: more for ``subprocess.Popen``.

    Returns:
        The process, and the mark of all that it starts.
    """
    mark = _new_mark()
    pids = ",".join(map(str, others))
    process = subprocess.Popen(
        # It starts its guard and then becomes the command: whenever we are killed, either both are there or none.
        [sys.executable, "-m", _GUARDED, mark, pids, str(folder.absolute()), *command],
        cwd=_CODE,
        env={**environment, MARKS: with_mark(environment.get(MARKS), mark)},
        **how,
    )
    return process, mark
