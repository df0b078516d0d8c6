"""Serve the deployment `full-pipeline/full-pipeline`: `python -m flows.serve` in the project's root."""

import sys
from pathlib import Path

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.flows import EntrypointType

from flows.full_pipeline import full_pipeline
from flows.stages import PipelineError, check_root


def serve() -> None:
    """Register the deployment and run what is scheduled for it, until interrupted."""
    check_root(Path.cwd())
    full_pipeline.serve(
        name=full_pipeline.name,
        # By module: the package may be installed elsewhere than in the project's folder.
        entrypoint_type=EntrypointType.MODULE_PATH,
        # Runs share one working folder and one dvc.lock, so a second one waits for its turn.
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
    )


if __name__ == "__main__":
    try:
        serve()
    except PipelineError as error:
        sys.exit(str(error))
