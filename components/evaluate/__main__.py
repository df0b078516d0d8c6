"""Command line: ``python -m components.evaluate``."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from components.evaluate.paths import Paths
from components.params.load import PARAMS_FILE, ParamsError, load_params


def main() -> None:
    """Read the parameters, then answer and score, or only score."""
    parser = argparse.ArgumentParser(prog="python -m components.evaluate", description=__doc__)
    parser.add_argument("--params", type=Path, default=PARAMS_FILE, help="parameters (default: %(default)s)")
    parser.add_argument(
        "--score-only",
        action="store_true",
        help="compute the scores anew from stored answers, without a model",
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        params = load_params(arguments.params)
        paths = Paths(Path())
        if arguments.score_only:
            # Imported here: scoring needs neither torch nor Ray.
            from components.evaluate.score import score

            score(params, paths)
        else:
            from components.evaluate.stage import run

            run(params, paths)
    except (ParamsError, FileNotFoundError, ValueError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
