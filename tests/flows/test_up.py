"""Server and deployment, as a user starts and uses them."""

import http.server
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from flows.server import server_version
from tests.flows.conftest import MakeProject

PLUGIN = {
    "METADATA": "Metadata-Version: 2.1\nName: bare-names\nVersion: 1\n",
    "entry_points.txt": "[prefect.plugins]\nbare-names = flows.bare_names\n",
}

CHAIN = """
stages:
  first:
    cmd: echo first >> order.log && echo 1 > first.txt
    outs: [first.txt]
  second:
    cmd: sh second.sh && echo second >> order.log && cp first.txt second.txt
    deps: [first.txt, second.sh]
    outs: [second.txt]
"""


@pytest.fixture
def chain(make_project: MakeProject) -> Path:
    """A project of two stages in which the bare names are switched on."""
    root = make_project(CHAIN)
    (root / "second.sh").write_text("true\n", encoding="utf-8")
    (root / "pyproject.toml").write_text("[tool.prefect.plugins]\nenabled = true\n", encoding="utf-8")
    return root


@pytest.fixture
def without_server(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """An environment with no Prefect settings, in which the plugin is installed."""
    plugin = tmp_path / "installed" / "bare_names-1.dist-info"
    plugin.mkdir(parents=True)
    for name, text in PLUGIN.items():
        (plugin / name).write_text(text, encoding="utf-8")
    own = {name: value for name, value in environment.items() if not name.startswith("PREFECT_")}
    return own | {
        "PYTHONPATH": f"{environment['PYTHONPATH']}:{plugin.parent}",
        "PREFECT_HOME": str(tmp_path / "home"),
    }


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def up(chain: Path, port: int, without_server: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`python -m flows.up`, serving."""
    command = [sys.executable, "-m", "flows.up", "--port", str(port)]
    output = chain.parent / "up.log"
    with output.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=chain, env=without_server, stdout=log, stderr=subprocess.STDOUT, text=True
        )
    try:
        deadline = time.monotonic() + 600
        while "Ctrl-C" not in output.read_text(encoding="utf-8"):
            assert process.poll() is None, output.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, output.read_text(encoding="utf-8")
            time.sleep(0.5)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=600)


def prefect(root: Path, environment: dict[str, str], port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prefect", *arguments],
        cwd=root,
        env={**environment, "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"},
        capture_output=True,
        text=True,
        timeout=600,
    )


@pytest.mark.slow
def test_a_deployment_runs_to_its_end(
    up: subprocess.Popen[str], chain: Path, port: int, without_server: dict[str, str]
) -> None:
    printed = (chain.parent / "up.log").read_text(encoding="utf-8")
    assert f"PREFECT_API_URL=http://127.0.0.1:{port}/api prefect deployment run full-pipeline/" in printed

    # The full name, and a stage that fails.
    (chain / "second.sh").write_text("exit 3\n", encoding="utf-8")
    arguments = [
        "deployment",
        "run",
        "full-pipeline/full-pipeline",
        "--watch",
        "--flow-run-name",
        "first-run",
    ]
    failed = prefect(chain, without_server, port, *arguments)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "'Failed'" in failed.stdout

    # The same flow run again, after the fix: what was finished is not repeated.
    (chain / "second.sh").write_text("true\n", encoding="utf-8")
    retried = prefect(chain, without_server, port, "flow-run", "retry", "first-run")
    assert retried.returncode == 0, retried.stdout + retried.stderr
    wait_until_completed(port, _run_id(failed.stdout))
    assert (chain / "order.log").read_text(encoding="utf-8").split() == ["first", "second"]

    # The bare name.
    bare = prefect(chain, without_server, port, "deployment", "run", "full-pipeline", "--watch")
    assert bare.returncode == 0, bare.stdout + bare.stderr
    assert "'Completed'" in bare.stdout
    assert (chain / "order.log").read_text(encoding="utf-8").split() == ["first", "second"]

    up.send_signal(signal.SIGINT)
    assert up.wait(timeout=600) == 0
    assert server_version(f"http://127.0.0.1:{port}/api") is None


def wait_until_completed(port: int, run_id: str) -> None:
    """Poll, because Prefect's own `flow-run watch` gives up at the end of the first try."""
    deadline = time.monotonic() + 600
    state = None
    while state != "COMPLETED":
        assert time.monotonic() < deadline, f"still {state}"
        time.sleep(1)
        state = httpx.get(f"http://127.0.0.1:{port}/api/flow_runs/{run_id}", timeout=600).json()["state_type"]


def _run_id(output: str) -> str:
    found = re.search(r"UUID: ([0-9a-f-]{36})", output)
    assert found, output
    return found[1]


def test_a_port_with_something_else_is_refused(chain: Path, without_server: dict[str, str]) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        command = [sys.executable, "-m", "flows.up", "--port", str(other.server_port)]
        done = subprocess.run(command, cwd=chain, env=without_server, capture_output=True, text=True, timeout=600)
        other.shutdown()
    assert done.returncode == 1
    assert f"port {other.server_port} is in use" in done.stderr
    assert "--port" in done.stderr
