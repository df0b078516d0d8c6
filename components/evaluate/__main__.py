"""Stage evaluate: models and benchmarks in; answers, ratings, scores and a comparison out.

Reads params.yaml (section evaluate), artifacts/{pretrain,finetune}/model and artifacts/ingest; writes
artifacts/evaluate and reports/evaluate. Goes on where a run was cut short. Computes on this machine, or on the Ray
cluster at RAY_ADDRESS.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from components.evaluate.judge.errors import JudgeError
from components.evaluate.models.spec import ModelError
from components.evaluate.paths import Paths
from components.params.load import PARAMS_FILE, ParamsError, load_params


def main() -> None:
    """Read the parameters, then answer and score, or only score."""
    parser = argparse.ArgumentParser(
        prog="python -m components.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--params", type=Path, default=PARAMS_FILE, help="parameters (default: %(default)s)")
    parser.add_argument(
        "--score-only",
        action="store_true",
        help="compute scores and comparisons anew from stored answers and judgements, without a model",
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
    except (ParamsError, ModelError, JudgeError, FileNotFoundError, ValueError) as error:
        raise SystemExit(f"evaluate: {error}") from None


if __name__ == "__main__":
    main()
