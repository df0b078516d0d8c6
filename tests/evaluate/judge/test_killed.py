"""A run that is killed goes on where it was, and pays nothing twice but what was under way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from components.evaluate.judge.run import judge
from tests.evaluate.judge.service import Service, in_order, running, says
from tests.evaluate.judge.world import PAIR, case, endpoint

ROOT = Path(__file__).parents[3]
CASES, CONCURRENCY = 30, 2
CODE = (
    "import sys\nfrom pathlib import Path\nfrom tests.evaluate.judge.test_killed import judge_all\n"
    "judge_all(sys.argv[1], Path(sys.argv[2]))\n"
)


def judge_all(address: str, scratch: Path) -> list[list[list[float]]]:
    judged, _ = judge([case(i) for i in range(CASES)], endpoint(address, concurrency=CONCURRENCY), PAIR, scratch)
    return [one.ratings for one in judged]


def stored_seeds(scratch: Path) -> set[int]:
    """Of the judgements whose line is whole."""
    (file,) = (scratch / "judgements").glob("*.jsonl")
    lines = file.read_bytes().splitlines(keepends=True)
    return {int(json.loads(line)["key"][:7], 16) for line in lines if line.endswith(b"\n")}


def kill_after(service: Service, scratch: Path, answers: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", CODE, service.address, str(scratch)], cwd=ROOT)
    limit = time.monotonic() + 600
    while len(service.asked) < answers:
        assert time.monotonic() < limit and process.poll() is None
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("answers", [5, 17])
def test_a_killed_run_pays_twice_for_what_was_under_way_at_most(tmp_path: Path, answers: int) -> None:
    with running(in_order(says("8 7", delay=0.05))) as service:
        kill_after(service, tmp_path, answers)
        stored, before = stored_seeds(tmp_path), len(service.asked)
        assert 0 < len(stored) < CASES
        assert len(stored) >= before - CONCURRENCY
        ratings = judge_all(service.address, tmp_path)
    assert ratings == [[[8, 7]]] * CASES
    asked_later = {body["seed"] for body in service.asked[before:]}
    assert not stored & asked_later
    times = service.times()
    assert len(times) == CASES
    twice = Counter(times.values())
    assert twice.keys() <= {1, 2} and twice[2] <= CONCURRENCY
