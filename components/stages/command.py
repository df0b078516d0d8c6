"""The command line of a stage (``python -m components.<stage>``), and of the commands beside the stages.

All have the same help, the same lines of log, and the same end: an error that the user can mend is its message alone,
any other shows where it came from; the exit status of both is 1. Stages import their work when they do it, so that
help, and what is wrong with params.yaml, is told at once.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from components.cluster.machine import share_cores
from components.params.load import PARAMS_FILE, load_params
from components.params.schema import Params
from components.stages.computing import computing
from components.stages.errors import UserError
from components.stages.quiet import quiet_libraries

Work = Callable[[Params], object]
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Instead:
    """An option that has a stage do something else."""

    option: str
    help: str
    work: Work


def run_stage(package: str, about: str | None, work: Work, *options: Instead) -> None:
    """Read and check params.yaml, then do the stage's work, or what an option has it do instead.

    Args:
        package: the stage's, as in ``python -m components.ingest``.
        about: what ``--help`` says of it.
        work: imports what it needs itself.
        options: which take the place of the work.
    """
    parser = make_parser(package, about)
    parser.add_argument("--params", type=Path, default=PARAMS_FILE, help="parameters (default: %(default)s)")
    parser.set_defaults(work=_alone(package, work))
    for one in options:
        parser.add_argument(one.option, action="store_const", dest="work", const=one.work, help=one.help)
    arguments = parser.parse_args()
    quiet_libraries()
    run_command(lambda: arguments.work(load_params(arguments.params)))


def _alone(package: str, work: Work) -> Work:
    """The work as the only process that does it in this folder."""

    def do(params: Params) -> None:
        with computing(package):
            work(params)

    return do


def make_parser(module: str, about: str | None) -> argparse.ArgumentParser:
    """The command line of ``python -m <module>``, with nothing but help."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def run_command(work: Callable[[], _Found], status: int = 1) -> _Found:
    """Do a command's work; the only place where errors that a user can mend are caught.

    Args:
        status: with which the program ends then.
    """
    share_cores()
    _log_own_lines()
    try:
        return work()
    except Exception as error:
        told = _user_error(error)
        if told is None:
            raise
        print(f"error: {told}", file=sys.stderr, flush=True)
        sys.exit(status)


def _log_own_lines() -> None:
    """What the project says as it goes on, and what libraries warn of."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("components").setLevel(logging.INFO)


def _user_error(error: BaseException | None) -> UserError | None:
    """The error that a user can mend, which Ray wraps where it comes from another process."""
    while error is not None and type(error).__module__.startswith("ray."):
        error = getattr(error, "cause", None) or error.__cause__
    return error if isinstance(error, UserError) else None
