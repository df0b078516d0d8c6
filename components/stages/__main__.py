"""Questions about the stages' results."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from components.fingerprints.stage import declared_stages
from components.params.load import PARAMS_FILE, load_params
from components.stages.command import make_parser, run_command
from components.stages.why import why

_WHY = """\
Say whether the result of a stage is what its code, parameters, data and libraries would give now, and if not, which of
them changed: a line for each file, parameter and library. Comments, docstrings and formatting do not count, nor does
what only says where and how work is done. Nothing is run and nothing is written.

DVC compares bytes, so it may run a stage again that is fresh here; `dvc commit STAGE` accepts its result as it is.
"""


def main() -> int:
    """Command line; 0: all are fresh, 1: one is stale, 2: it cannot be said."""
    parser = make_parser("components.stages", __doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    asked = commands.add_parser(
        "why",
        help="say what makes a stage's result stale",
        description=_WHY,
        epilog="exit status: 0 all fresh, 1 one is stale, 2 it cannot be said",
        formatter_class=parser.formatter_class,
    )
    asked.add_argument("stages", nargs="*", metavar="STAGE", help="a stage of dvc.yaml (default: all, in their order)")
    asked.add_argument("--params", type=Path, default=PARAMS_FILE, help="parameters (default: %(default)s)")
    arguments = parser.parse_args()
    return run_command(lambda: _tell(arguments.stages or list(declared_stages()), arguments.params), status=2)


def _tell(stages: Sequence[str], file: Path) -> int:
    params, stale = load_params(file), False
    for stage in stages:
        reasons = why(stage, params)
        stale = stale or bool(reasons)
        print(f"{stage}: {'stale' if reasons else 'fresh'}")
        for reason in reasons:
            print(f"  {reason}")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
