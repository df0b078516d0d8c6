"""The flow `full-pipeline`: every stage of dvc.yaml as one Prefect task.

python -m flows.full_pipeline    runs it here and now; no server is needed
python -m flows.up               serves it, for `prefect deployment run full-pipeline/full-pipeline`
"""

import argparse
import sys
import time
from collections import deque
from pathlib import Path
from threading import Event
from typing import Any, get_args

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, wait
from prefect.runtime import flow_run

from components.stages.dvc_locks import clear_dead_locks
from flows.backends import Backend, BackendName, open_backend
from flows.experiments import save_experiment
from flows.results import StageResult, read_metrics, show_metrics, show_run
from flows.server import server_or_none
from flows.stages import PipelineError, Stage, read_stages

LAST_LINES = 20
"""How much of a failed stage's output its error repeats."""


class StageFailed(RuntimeError):
    """A stage's command ended with an error."""

    def __init__(self, stage: str, code: int, seconds: float, last_lines: list[str]) -> None:
        output = "\n".join(last_lines)
        super().__init__(f"stage `{stage}` failed with exit code {code}; its last lines:\n{output}")
        self.stage = stage
        self.seconds = seconds


# DVC decides what is up to date: a second cache here could only disagree with it.
@task(cache_policy=NO_CACHE)
def run_stage(stage: str, backend: Backend, root: Path) -> StageResult:
    """Bring one stage up to date and return how that went."""
    logger = get_run_logger()
    last_lines: deque[str] = deque(maxlen=LAST_LINES)
    ran = False

    def on_line(line: str) -> None:
        nonlocal ran
        # DVC's own words; for a stage that is up to date or restored from the run-cache it says otherwise.
        ran = ran or line == f"Running stage '{stage}':"
        last_lines.append(line)
        logger.info(line)

    start = time.monotonic()
    code = backend.run(stage, on_line)
    seconds = time.monotonic() - start
    if code != 0:
        raise StageFailed(stage, code, seconds, list(last_lines))
    result = StageResult(stage, "ran" if ran else "cached", seconds, read_metrics(root, stage))
    show_metrics(result)
    return result


@flow(name="full-pipeline")
def full_pipeline(
    root: Path | None = None,
    backend: BackendName = "local",
    retries: int = 0,
    retry_delay_seconds: float = 10,
    one_at_a_time: bool = False,
) -> list[StageResult]:
    """Run the stages of dvc.yaml in the order of its dependencies, and save the run as a DVC experiment.

    Args:
        root: Folder of the DVC project; the current one by default.
        backend: Where the stages run.
        retries: How often a failed stage is tried again.
        retry_delay_seconds: Time before such a try.
        one_at_a_time: Run no two stages at once, where memory or the accelerator is too small for two, or
            where a stage measures speed.
    """
    root = (root or Path.cwd()).resolve()
    run_name = flow_run.get_name() or "run"
    stages = read_stages(root)
    for lock in clear_dead_locks(root):
        get_run_logger().info("removed a stale DVC lock: %s", lock)
    opened = open_backend(backend, root)
    stopping = Event()
    stage_task = run_stage.with_options(
        retries=retries,
        retry_delay_seconds=retry_delay_seconds,
        # A stage that was stopped with the run must not start again.
        retry_condition_fn=lambda *_: not stopping.is_set(),
    )
    futures: dict[str, PrefectFuture[StageResult]] = {}
    try:
        for stage in stages:
            before = list(futures.values())[-1:] if one_at_a_time else [futures[name] for name in stage.needs]
            named = stage_task.with_options(name=stage.name, task_run_name=stage.name)
            futures[stage.name] = named.submit(
                stage=stage.name, backend=opened, root=root, return_state=False, wait_for=before
            )
        wait(list(futures.values()))
    finally:
        stopping.set()
        opened.stop()
    results = [_result(stage, futures[stage.name]) for stage in stages]
    show_run(results, run_name)
    _raise_failures(futures)
    save_experiment(root, run_name, get_run_logger())
    return results


def _result(stage: Stage, future: PrefectFuture[StageResult]) -> StageResult:
    """Return the stage's result, also where it has none of its own."""
    if future.state.is_completed():
        return future.result()
    # Prefect leaves a task pending when something that it needs has failed.
    if future.state.is_pending():
        return StageResult(stage.name, "not started")
    error = future.result(raise_on_failure=False)
    return StageResult(stage.name, "failed", error.seconds if isinstance(error, StageFailed) else None)


def _raise_failures(futures: dict[str, PrefectFuture[StageResult]]) -> None:
    """Raise one error with every failed stage's own, if there is any."""
    unfinished = {name: future for name, future in futures.items() if not future.state.is_completed()}
    if not unfinished:
        return
    errors = [
        str(future.result(raise_on_failure=False)) for future in unfinished.values() if not future.state.is_pending()
    ]
    waiting = [name for name, future in unfinished.items() if future.state.is_pending()]
    if waiting:
        errors.append(f"not started because of that: {', '.join(waiting)}")
    errors.append("Run the flow again after the fix: finished stages are found by DVC and not repeated.")
    raise PipelineError("\n".join(errors))


def main(arguments: list[str] | None = None) -> int:
    """Run the flow in this process; return 1 if a stage failed."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.full_pipeline", description="Run the stages of dvc.yaml as a Prefect flow."
    )
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="folder of the DVC project")
    parser.add_argument("--backend", choices=get_args(BackendName), default="local", help="where stages run")
    parser.add_argument("--retries", type=int, default=0, help="how often a failed stage is tried again")
    parser.add_argument("--one-at-a-time", action="store_true", help="run no two stages at once")
    options: dict[str, Any] = vars(parser.parse_args(arguments))
    with server_or_none(options["root"]):
        try:
            full_pipeline(**options)
        except PipelineError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
