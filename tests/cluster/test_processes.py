"""This machine's workers: in order, errors as they were raised, and none is left behind."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from components.cluster.errors import WorkerLost
from components.cluster.processes import processes
from components.cluster.workers import open_workers, spread, using
from tests.model.tiny import ROOT
from tests.waiting import wait_until, wait_until_gone


def square(number: int) -> int:
    return number * number


def process_of(_: int) -> int:
    return os.getpid()


def touch(number: int, folder: Path) -> int:
    """Leaves a file; the third kills its own process."""
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / str(number)).touch()
    return number


def stay(number: int, folder: Path) -> None:
    """Says which process it is in, then does not end by itself."""
    (folder / str(os.getpid())).touch()
    threading.Event().wait()


def begun(folder: Path) -> list[int]:
    """The processes that ``stay``."""
    return [int(path.name) for path in folder.iterdir()]


def fail(number: int) -> None:
    raise KeyError(number)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


def test_results_come_in_the_order_of_the_items_however_many_there_are() -> None:
    with using(processes((), count=2)):
        found = list(itertools.islice(spread(square, itertools.count()), 100))
        assert found == [number * number for number in range(100)]
        assert os.getpid() not in set(spread(process_of, range(8)))


def test_without_open_workers_it_is_done_here() -> None:
    assert set(spread(process_of, range(3))) == {os.getpid()}


def test_an_error_is_the_one_that_was_raised() -> None:
    with using(processes((), count=1)), pytest.raises(KeyError, match="5"):
        list(spread(fail, [5]))


def test_a_killed_worker_is_told_and_what_was_done_stays(tmp_path: Path) -> None:
    with (
        using(processes((), count=1)),
        pytest.raises(WorkerLost, match="run the stage again, it goes on"),
    ):
        list(spread(partial(touch, folder=tmp_path), range(8)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1"]


def test_an_error_does_not_wait_for_work_that_is_under_way(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stopped"), using(processes((), count=2)):
        list(spread(partial(stay, folder=tmp_path), only_some(tmp_path)))
    wait_until_gone(*begun(tmp_path))


def only_some(folder: Path) -> Iterator[int]:
    """Two items; once both are worked on, an error."""
    yield from range(2)
    wait_until(lambda: len(begun(folder)) == 2, "the work of two")
    raise RuntimeError("stopped")


PROGRAM = """
import sys
from functools import partial
from pathlib import Path
from components.cluster.processes import processes
from components.cluster.workers import spread, using
from tests.cluster.test_processes import stay

with using(processes((), count=2)):
    list(spread(partial(stay, folder=Path(sys.argv[1])), range(2)))
"""


def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    wait_until(lambda: len(begun(tmp_path)) == 2, "the work of two")
    family = [child.pid for child in psutil.Process(program.pid).children(recursive=True)]
    assert set(begun(tmp_path)) <= set(family)
    program.kill()
    program.wait()
    wait_until_gone(*family)


def test_how_many_threads_workers_have_does_not_change_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with open_workers():
        assert "OMP_NUM_THREADS" not in os.environ
        assert set(spread(square, [3])) == {9}
