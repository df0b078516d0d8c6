"""The flow with real DVC stages and a real Prefect server."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, FlowRunFilter
from prefect.client.schemas.filters import FlowRunFilterName as ByName
from prefect.client.schemas.objects import Artifact, FlowRun

from flows.full_pipeline import full_pipeline, main
from flows.stages import PipelineError
from tests.flows.conftest import MakeProject
from tests.waiting import wait_until, wait_until_gone

pytestmark = pytest.mark.usefixtures("server")

# Every stage leaves its name in order.log, so that a test sees what really ran.
DIAMOND = """
stages:
  last:
    cmd: cat left.txt right.txt > last.txt && echo last >> order.log
    deps: [left.txt, right.txt]
    outs: [last.txt]
  left:
    cmd: cp first.txt left.txt && echo left >> order.log
    deps: [first.txt]
    outs: [left.txt]
  right:
    cmd: cp first.txt right.txt && sh right.sh && echo right >> order.log
    deps: [first.txt, right.sh]
    outs: [right.txt]
  first:
    cmd: >-
      echo 1 > first.txt && mkdir -p reports/first && cp numbers.json reports/first/metrics.json
      && echo first >> order.log
    deps: [numbers.json]
    outs: [first.txt]
    metrics: [reports/first/metrics.json]
"""


@pytest.fixture
def diamond(make_project: MakeProject) -> Path:
    """A project with two branches."""
    root = make_project(DIAMOND)
    numbers = {
        "loss": 0.25,
        "samples": {"pretrain": 7},
        "broken": float("nan"),
        "name": "words are no metric",
    }
    (root / "numbers.json").write_text(json.dumps(numbers), encoding="utf-8")
    (root / "right.sh").write_text("true\n", encoding="utf-8")
    return root


def order(root: Path) -> list[str]:
    """Return the stages that ran, in their order, and forget them."""
    log = root / "order.log"
    names = log.read_text(encoding="utf-8").split() if log.exists() else []
    log.unlink(missing_ok=True)
    return names


def states(root: Path) -> dict[str, str]:
    """Run the flow and return the state of each stage."""
    return {result.stage: result.state for result in full_pipeline(root)}


def experiments(root: Path) -> list[str]:
    command = [sys.executable, "-m", "dvc", "exp", "list", "--name-only"]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.split()


def run_and_artifacts(name: str) -> tuple[FlowRun, dict[str | None, Artifact]]:
    with get_client(sync_client=True) as client:
        (run,) = client.read_flow_runs(flow_run_filter=FlowRunFilter(name=ByName(any_=[name])))
        mine = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
        return run, {artifact.key: artifact for artifact in client.read_artifacts(artifact_filter=mine)}


def test_stages_run_in_order_and_then_are_cached(diamond: Path) -> None:
    named = full_pipeline.with_options(flow_run_name="시험 run/1")
    results = named(diamond)

    assert {result.stage: result.state for result in results} == dict.fromkeys(
        ("first", "left", "right", "last"), "ran"
    )
    ran = order(diamond)
    assert ran[0] == "first"
    assert ran[-1] == "last"
    assert sorted(ran[1:3]) == ["left", "right"]
    assert experiments(diamond) == ["시험-run-1"]

    _, artifacts = run_and_artifacts("시험 run/1")
    table = json.loads(artifacts["full-pipeline"].data)  # type: ignore[arg-type]
    assert [row["stage"] for row in table] == [result.stage for result in results]
    assert table[0]["metrics"] == "loss 0.25, samples.pretrain 7, broken nan"
    assert json.loads(artifacts["metrics-first"].data) == [  # type: ignore[arg-type]
        {"metric": "loss", "value": 0.25},
        {"metric": "samples.pretrain", "value": 7},
        {"metric": "broken", "value": "nan"},
    ]

    assert states(diamond) == dict.fromkeys(("first", "left", "right", "last"), "cached")
    assert order(diamond) == []


def test_a_failed_stage_is_named_and_a_new_run_goes_on(diamond: Path) -> None:
    (diamond / "right.sh").write_text("echo 자료가 없습니다; exit 3\n", encoding="utf-8")
    with pytest.raises(PipelineError) as caught:
        full_pipeline.with_options(flow_run_name="broken-run")(diamond)

    message = str(caught.value)
    assert "stage `right` failed with exit code" in message
    assert "자료가 없습니다" in message
    assert "not started because of that: last" in message
    assert sorted(order(diamond)) == ["first", "left"]
    run, artifacts = run_and_artifacts("broken-run")
    assert run.state is not None
    assert run.state.is_failed()
    table = {row["stage"]: row["state"] for row in json.loads(artifacts["full-pipeline"].data)}  # type: ignore[arg-type]
    assert table == {"first": "ran", "left": "ran", "right": "failed", "last": "not started"}
    assert experiments(diamond) == []

    (diamond / "right.sh").write_text("true\n", encoding="utf-8")
    assert states(diamond) == {"first": "cached", "left": "cached", "right": "ran", "last": "ran"}
    assert order(diamond) == ["right", "last"]


def test_a_failed_stage_is_tried_again(diamond: Path) -> None:
    (diamond / "right.sh").write_text("test -e tried || { touch tried; exit 1; }\n", encoding="utf-8")
    results = full_pipeline(diamond, retries=1, retry_delay_seconds=0)
    assert {result.state for result in results} == {"ran"}


MEETING = """
stages:
  left:
    cmd: touch left.here && for i in $(seq 6000); do test -e right.here && exit 0; sleep 0.1; done; exit 1
  right:
    cmd: touch right.here && for i in $(seq 6000); do test -e left.here && exit 0; sleep 0.1; done; exit 1
"""


def test_branches_run_at_the_same_time(make_project: MakeProject) -> None:
    root = make_project(MEETING)
    assert states(root) == {"left": "ran", "right": "ran"}


APART = """
stages:
  left:
    cmd: mkdir busy && sleep 1 && rmdir busy
  right:
    cmd: mkdir busy && sleep 1 && rmdir busy
"""


def test_one_at_a_time_keeps_branches_apart(make_project: MakeProject) -> None:
    results = full_pipeline(make_project(APART), one_at_a_time=True)
    assert [result.state for result in results] == ["ran", "ran"]


def test_a_repository_without_a_commit_only_lacks_the_experiment(
    diamond: Path, caplog: pytest.LogCaptureFixture
) -> None:
    subprocess.run(["git", "update-ref", "-d", "HEAD"], cwd=diamond, check=True)
    assert set(states(diamond).values()) == {"ran"}
    assert "exp save" in caplog.text
    assert "failed (exit code" in caplog.text


def test_results_are_pushed_where_there_are_remotes(diamond: Path, tmp_path: Path) -> None:
    store, origin = tmp_path / "store", tmp_path / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    subprocess.run(["git", "remote", "add", "origin", str(origin)], cwd=diamond, check=True)
    dvc = [sys.executable, "-m", "dvc"]
    subprocess.run([*dvc, "remote", "add", "-q", "--default", "store", str(store)], cwd=diamond, check=True)

    full_pipeline.with_options(flow_run_name="pushed-run")(diamond)

    assert (store / "files" / "md5").is_dir()
    assert (store / "runs").is_dir()
    command = [*dvc, "exp", "list", "--name-only", str(origin)]
    listed = subprocess.run(command, cwd=diamond, check=True, capture_output=True, text=True)
    assert listed.stdout.split() == ["pushed-run"]


SLEEPER = """
stages:
  sleeper:
    cmd: sh sleeper.sh
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_leaves_no_process(
    make_project: MakeProject, server: str, environment: dict[str, str], how: signal.Signals
) -> None:
    root = make_project(SLEEPER)
    (root / "sleeper.sh").write_text("sleep 3600 &\necho $! > pid.part && mv pid.part pid\nwait\n", encoding="utf-8")
    command = [sys.executable, "-m", "flows.full_pipeline", "--retries", "5"]
    flow = subprocess.Popen(command, cwd=root, env={**environment, "PREFECT_API_URL": server})
    wait_until(lambda: (root / "pid").exists() or flow.poll() is not None, "the stage")
    assert flow.poll() is None

    flow.send_signal(how)

    wait_until_gone(int((root / "pid").read_text()))
    assert flow.wait(timeout=600) != 0
    # DVC's lock went with its process: the next run is not held up.
    (root / "sleeper.sh").write_text("true\n", encoding="utf-8")
    assert states(root) == {"sleeper": "ran"}


def test_the_command_returns_1_and_the_reason(diamond: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (diamond / "dvc.yaml").unlink()
    assert main(["--root", str(diamond)]) == 1
    assert "no dvc.yaml" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_needs_no_server(diamond: Path, environment: dict[str, str]) -> None:
    without = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
    # Nothing listens at this address, as after `make flow` has ended.
    without["PREFECT_API_URL"] = "http://127.0.0.1:9/api"
    command = [sys.executable, "-m", "flows.full_pipeline"]
    done = subprocess.run(command, cwd=diamond, env=without, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "No Prefect server answers" in done.stdout
    assert order(diamond)[-1] == "last"
    assert os.listdir(diamond / "scratch" / "prefect")
