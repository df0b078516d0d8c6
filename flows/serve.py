"""Serve the deployment `full-pipeline/full-pipeline`: `python -m flows.serve` in the project's root."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.flows import EntrypointType
from prefect.runner import Runner

from flows.full_pipeline import full_pipeline
from flows.stages import PipelineError, check_root

SERVED = "The deployment full-pipeline/full-pipeline is served."


def serve() -> None:
    """Register the deployment and run what is scheduled for it, until interrupted."""
    check_root(Path.cwd())
    # What `full_pipeline.serve` does, but for a message of our own between the registration and the waiting.
    runner = Runner(name=full_pipeline.name, pause_on_shutdown=False)
    runner.add_flow(
        full_pipeline,
        name=full_pipeline.name,
        # By module: the package may be installed elsewhere than in the project's folder.
        entrypoint_type=EntrypointType.MODULE_PATH,
        # Runs share one working folder and one dvc.lock, so a second one waits for its turn.
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE),
    )
    print(SERVED, flush=True)
    with suppress(KeyboardInterrupt):
        asyncio.run(runner.start())


if __name__ == "__main__":
    try:
        serve()
    except PipelineError as error:
        sys.exit(str(error))
