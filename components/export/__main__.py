"""Stage export: the trained model in; bundles for devices out, compared with it, timed, verified in a fresh process.

Reads params.yaml (section export), artifacts/finetune/model, artifacts/ingest and artifacts/evaluate; writes
artifacts/export and reports/export.
"""

from __future__ import annotations

from components.params.schema import Params
from components.stages.command import run_stage


def _run(params: Params) -> None:
    from components.export.stage import run

    run(params)


if __name__ == "__main__":
    run_stage("components.export", __doc__, _run)
