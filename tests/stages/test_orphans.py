"""A stage and all that it has started end with the DVC that started it, and with no shell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from components.stages import family
from components.stages.family import MARKS, StarterGone, end, starter
from components.stages.guard import wait_for_one
from components.stages.orphans import ended_with_dvc
from tests.model.tiny import ROOT
from tests.stages import fake
from tests.stages.fake import DONE, GO, PIDS, pids
from tests.waiting import living, wait_until, wait_until_gone

FAKE = [sys.executable, fake.__file__]
# What comes after the stage's command keeps the shell, which outlives DVC, between the two.
PIPELINE = f"stages: {{fake: {{cmd: '{' '.join(FAKE)} && true', outs: [{DONE}]}}}}"
DVC = [sys.executable, "-m", "dvc"]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A DVC project whose only stage is the fake one."""
    (tmp_path / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    subprocess.run([*DVC, "init", "--quiet", "--no-scm"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts commands in the folder; at the end of the test, nothing of them is left."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("DVC_STAGE", raising=False)
    monkeypatch.setenv(MARKS, tmp_path.name)
    started = []

    def begin(*command: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        started.append(process)
        return process

    yield begin
    end({tmp_path.name})
    for process in started:
        assert process.stdout
        process.stdout.close()
        process.wait()


def wait_for_pids(folder: Path, other_than: list[int] | None = None) -> list[int]:
    """Of the stage, once it has started all that it starts."""
    wait_until(lambda: pids(folder) not in ([], other_than), "the stage's start")
    return pids(folder)


def let_go(folder: Path) -> None:
    (folder / GO).touch()


def test_nothing_of_a_stage_outlives_its_dvc_and_the_next_run_goes_on(project: Path, start: Start) -> None:
    dvc = start(*DVC, "repro")
    running = wait_for_pids(project)
    dvc.kill()  # and not waited for: a zombie, which DVC takes for a process that works on
    wait_until_gone(*running)
    (project / PIDS).unlink()
    assert not (project / DONE).exists()

    let_go(project)
    again = start(*DVC, "repro")
    told, _ = again.communicate()
    assert again.returncode == 0, told
    assert (project / DONE).exists()


def test_what_a_killed_stage_had_started_ends(tmp_path: Path, start: Start) -> None:
    stage = start(*FAKE)
    running = wait_for_pids(tmp_path)
    fork = [pid for pid in running if pid != stage.pid and psutil.Process(pid).cmdline() == FAKE]
    assert len(fork) == 1
    stage.kill()
    os.kill(fork[0], signal.SIGKILL)  # it has no mark, and nobody knows its parent any more
    wait_until_gone(*running)


def test_a_stage_started_by_a_person_goes_on_without_the_shell(tmp_path: Path, start: Start) -> None:
    shell = start("sh", "-c", f"nohup {' '.join(FAKE)} >/dev/null 2>&1 & read never")
    running = wait_for_pids(tmp_path)
    os.killpg(shell.pid, signal.SIGHUP)
    shell.wait()
    let_go(tmp_path)
    wait_until_gone(*running)
    assert (tmp_path / DONE).read_text() == str(running[0])


def test_two_repros_at_once_compute_once_and_the_second_names_the_first(project: Path, start: Start) -> None:
    first = start(*DVC, "repro")
    wait_for_pids(project)
    second = start(*DVC, "repro")
    told, _ = second.communicate()
    assert second.returncode != 0
    assert f"(PID {first.pid})" in told

    let_go(project)
    told, _ = first.communicate()
    assert first.returncode == 0, told
    assert subprocess.run([*DVC, "status"], cwd=project, capture_output=True, text=True, check=True).stdout.startswith(
        "Data and pipelines are up to date."
    )


def test_a_second_process_waits_and_says_for_whom(tmp_path: Path, start: Start) -> None:
    first = start(*FAKE)
    wait_for_pids(tmp_path)
    second = start(*FAKE)
    assert second.stdout
    line = second.stdout.readline()
    assert f"process {first.pid} ({' '.join(FAKE)})" in line
    let_go(tmp_path)
    assert first.wait() == 0
    assert second.wait() == 0
    assert (tmp_path / DONE).read_text() == str(second.pid)


def test_a_process_that_was_killed_is_not_waited_for(tmp_path: Path, start: Start) -> None:
    first = start(*FAKE)
    before = wait_for_pids(tmp_path)
    second = start(*FAKE)
    assert second.stdout
    assert "waiting" in second.stdout.readline()
    first.kill()
    assert wait_for_pids(tmp_path, other_than=before)[0] == second.pid


def test_a_block_that_ends_leaves_no_guard_and_no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DVC_STAGE", raising=False)
    before = os.environ.get(MARKS)
    with ended_with_dvc():
        assert os.environ[MARKS] != before
        guards = [one for one in psutil.Process().children() if family.GUARD in one.cmdline()]
    assert os.environ.get(MARKS) == before
    assert len(guards) == 1
    assert not guards[0].is_running()


def test_who_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "GRACE_SECONDS", 0.2)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
    with subprocess.Popen(
        [sys.executable, "-c", deaf], stdout=subprocess.PIPE, env={**os.environ, MARKS: "outer:deaf"}
    ) as process:
        assert process.stdout
        process.stdout.readline()
        assert end({"another"}) == 0
        assert living([process.pid])
        assert end({"deaf"}) == 1
        assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("kernel_tells", [True, False])
def test_the_first_that_ends_is_noticed(monkeypatch: pytest.MonkeyPatch, kernel_tells: bool) -> None:
    def missing(pid: int) -> int:
        raise OSError("no such call")

    if not kernel_tells:
        monkeypatch.setattr(os, "pidfd_open", missing, raising=False)
    with (
        subprocess.Popen([sys.executable, "-c", "print('')"], stdout=subprocess.PIPE) as said,
        subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as silent,
        subprocess.Popen(["sleep", "900"]) as process,
    ):
        assert said.stdout
        assert silent.stdin
        assert silent.stdout
        assert wait_for_one([os.getpid(), process.pid], said.stdout) is None
        silent.stdin.close()  # as who began the run closes its end; that sends no guard away
        process.kill()
        assert wait_for_one([os.getpid(), process.pid], silent.stdout) == process.pid


def test_one_that_has_ended_before_is_noticed() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    with subprocess.Popen(["true"], stdout=subprocess.PIPE) as silent:
        assert silent.stdout
        assert wait_for_one([os.getpid(), process.pid], silent.stdout) == process.pid


class Ancestor(psutil.Process):
    """A process with an environment of our choice."""

    def environ(self) -> dict[str, str]:
        return {}


def test_an_orphan_from_the_beginning_is_known_by_who_adopted_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_STAGE", "pretrain")
    monkeypatch.setattr(psutil.Process, "parents", lambda self: [Ancestor(1)])
    if family._session(1) == os.getsid(0):
        pytest.skip("process 1 may be the one that started this session")
    with pytest.raises(StarterGone, match="DVC_STAGE=pretrain"):
        starter("DVC_STAGE")


def test_a_starter_is_the_ancestor_that_does_not_have_the_variable_itself(tmp_path: Path, start: Start) -> None:
    (tmp_path / "ask.py").write_text(
        "from components.stages.family import starter; print(starter('DVC_STAGE').pid)", encoding="utf-8"
    )
    shell = start("sh", "-c", f"DVC_STAGE=pretrain sh -c '{sys.executable} ask.py; true'; true")
    assert shell.stdout
    assert shell.stdout.readline() == f"{shell.pid}\n"
