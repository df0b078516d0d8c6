"""`make demo`: runs the whole pipeline with DVC, shows its output as it comes, and sums up at the end.

What is up to date is not run again, so an interrupted or failed demo goes on where it stopped.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from components.stages.dvc_locks import clear_dead_locks
from components.stages.family import StarterGone, starter
from components.stages.home import NoHome, require_home
from components.stages.orphans import run_guarded
from infra.demo_summary import print_summary
from infra.stage_log import StageLog

ROOT = Path(__file__).resolve().parent.parent
COMMAND = ["dvc", "--wait-for-lock", "repro"]
INTERRUPTED = 130


def main() -> int:
    """Runs the demo from the repository's root and returns the exit status."""
    console = Console()
    try:
        require_home()
    except NoHome as error:
        console.print(f"[red]error:[/] {error}", highlight=False)
        return 1
    for lock in clear_dead_locks(ROOT):
        console.print(f"Removed a stale DVC lock: {lock}.", highlight=False)
    log = StageLog()
    try:
        status = _run(COMMAND, log)
    except KeyboardInterrupt:
        console.print("\n[yellow]Interrupted.[/] What finished is kept: `make demo` goes on from here.")
        return INTERRUPTED
    print_summary(console, ROOT, log, failed=status != 0)
    return 1 if status else 0


def _run(command: list[str], log: StageLog) -> int:
    """Runs the command, copies its output through unchanged, and lets the log read along."""
    environment = os.environ | {
        # The stages are `python -m ...`: they need this environment's Python.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONUNBUFFERED": "1",
    }
    process, _ = run_guarded(command, ROOT, environment, _callers(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with process:
        assert process.stdout is not None
        try:
            while chunk := os.read(process.stdout.fileno(), 65536):
                sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
                log.feed(chunk, time.monotonic())
        except KeyboardInterrupt:
            process.wait()  # it was interrupted too: let it write down what it finished
            raise
    log.close(time.monotonic(), failed=process.returncode != 0)
    return process.returncode


def _callers() -> list[int]:
    """Those with which the pipeline ends: this process, and the make that has started it."""
    try:
        make = starter("MAKELEVEL")
    except StarterGone:
        make = None
    return [os.getpid(), *([make.pid] if make else [])]


if __name__ == "__main__":
    sys.exit(main())
