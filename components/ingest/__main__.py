"""Stage ingest: data sets and benchmarks in; shards, item tables, refusals and a data card out.

Reads params.yaml (section ingest) and artifacts/backbones/language_model; writes artifacts/ingest and
reports/ingest/metrics.json. Computes on this machine, or on the Ray cluster at RAY_ADDRESS.
"""

from __future__ import annotations

from pathlib import Path

from components.params.schema import Params
from components.stages.command import run_stage

_WORKERS_IMPORT = (
    "components.ingest.origins.demo.pictures",
    "components.ingest.benchmarks",
    "components.ingest.shards.write",
    "torch",
    "transformers.models.auto.tokenization_auto",
)


def _run(params: Params) -> None:
    from components.cluster.workers import open_workers

    with open_workers(_WORKERS_IMPORT):
        # After it: workers begin to import beside this process.
        from components.ingest.stage import run

        run(params, Path())


if __name__ == "__main__":
    run_stage("components.ingest", __doc__, _run)
