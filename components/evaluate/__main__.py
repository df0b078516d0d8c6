"""Stage evaluate: models and benchmarks in; answers, ratings, scores and a comparison out.

Reads params.yaml (section evaluate), artifacts/{pretrain,finetune}/model and artifacts/ingest; writes
artifacts/evaluate and reports/evaluate. Goes on where a run was cut short. Computes on this machine, or on the Ray
cluster at RAY_ADDRESS.
"""

from __future__ import annotations

from pathlib import Path

from components.evaluate.paths import Paths
from components.params.schema import Params
from components.stages.command import Instead, run_stage


def _run(params: Params) -> None:
    from components.evaluate.one_run import one_run
    from components.evaluate.stage import run

    paths = Paths(Path())
    with one_run(paths.scratch) as this_run:
        run(params, paths, this_run)


def _score(params: Params) -> None:
    from components.evaluate.score import score

    score(params, Paths(Path()))


SCORE_ONLY = Instead(
    "--score-only", "compute scores and comparisons anew from stored answers and judgements, without a model", _score
)

if __name__ == "__main__":
    run_stage("components.evaluate", __doc__, _run, SCORE_ONLY)
