"""The command line of a stage: ``python -m components.<stage>``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from components.params.load import PARAMS_FILE, ParamsError, load_params
from components.params.schema import Params
from components.stages.quiet import quiet_libraries


def run_stage(
    description: str | None,
    stage: Callable[[Params], None],
    expected: tuple[type[Exception], ...] = (),
    plan: Callable[[Params], None] | None = None,
) -> None:
    """Read and check params.yaml, then run the stage; or only say what it will take (``--plan``), if it can.

    Errors that a user can mend (``expected``, and a wrong params.yaml) end the program with their message alone.
    """
    package = stage.__module__.rpartition(".")[0]
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description=description)
    parser.add_argument("--params", type=Path, default=PARAMS_FILE, help="parameters (default: params.yaml)")
    if plan:
        parser.add_argument("--plan", action="store_true", help="say what this will take, and compute nothing")
    arguments = parser.parse_args()
    work = plan if plan and arguments.plan else stage
    quiet_libraries()
    mendable: tuple[type[Exception], ...] = (ParamsError, FileNotFoundError, *expected)
    try:
        work(load_params(arguments.params))
    except mendable as error:
        sys.exit(f"error: {error}")
