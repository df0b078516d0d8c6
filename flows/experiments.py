"""The finished run as a DVC experiment, pushed where the project has a remote."""

import re
import sys
from logging import Logger, LoggerAdapter
from pathlib import Path

from flows.processes import Processes, dvc

AnyLogger = Logger | LoggerAdapter[Logger]


def save_experiment(root: Path, run_name: str, logger: AnyLogger) -> None:
    """Save the project at `root` as an experiment named after the run; where that fails, log why.

    The stages are finished and recorded in dvc.lock by now, so the run counts as done without its experiment:
    a repository without a commit, for one, can hold none.
    """
    name = re.sub(r"[^\w.-]+", "-", run_name).strip(".-") or "run"
    processes = Processes(root)
    try:
        saved = _tell(processes, logger, dvc("--wait-for-lock", "exp", "save", "--name", name, "--force"))
        if _answer(processes, dvc("remote", "list")):
            _push(processes, logger, name if saved else None)
    finally:
        processes.stop()


def _push(processes: Processes, logger: AnyLogger, experiment: str | None) -> None:
    """Push the data with the run-cache, and the experiment where there is a Git remote to hold it."""
    _tell(processes, logger, dvc("--wait-for-lock", "push", "--run-cache"))
    git_remotes = _answer(processes, ["git", "remote"])
    if experiment and git_remotes:
        remote = "origin" if "origin" in git_remotes else git_remotes[0]
        _tell(processes, logger, dvc("--wait-for-lock", "exp", "push", "--force", remote, experiment))


def _tell(processes: Processes, logger: AnyLogger, command: list[str]) -> bool:
    """Run `command` and log what it says: as a warning if it failed. Return whether it worked."""
    lines: list[str] = []
    code = processes.run(command, lines.append)
    shown = " ".join(command).removeprefix(f"{sys.executable} -m ")
    if code == 0:
        logger.info("%s: %s", shown, lines[-1] if lines else "done")
    else:
        reason = "\n".join(lines)
        logger.warning("the run is finished, but `%s` failed (exit code %d):\n%s", shown, code, reason)
    return code == 0


def _answer(processes: Processes, command: list[str]) -> list[str]:
    lines: list[str] = []
    return lines if processes.run(command, lines.append) == 0 else []
