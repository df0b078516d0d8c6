"""Training from shards to learnt weights: undisturbed, killed, and with more and fewer workers."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file

from components.training.log import Log
from tests.forked import kill_family, lead_own_session
from tests.training import train_tiny
from tests.training.shards import write_shards
from tests.training.train_tiny import CHECKPOINT_EVERY, SAMPLES, STEPS

pytestmark = pytest.mark.slow
SECONDS = 600
"""After which something hangs."""
KILLS = 20
# Each attempt is forked from a process that has the libraries imported: that takes longer than the training itself.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.training.train_tiny", "components.training.launch", "deepspeed", "peft"])


class Attempt:
    """Training as a process of its own, in a folder of its own, leading a session of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._log = folder / f"attempt-{len(list(folder.glob('attempt-*')))}.log"
        self.process = _PROCESSES.Process(target=_run, args=(folder, self._log, arguments, dict(os.environ)))
        self.process.start()

    @property
    def told(self) -> str:
        """All that it has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def end(self) -> str:
        """Wait for a good end; returns what was told."""
        self.process.join(SECONDS)
        assert self.process.exitcode == 0, self.told[-4000:]
        return self.told

    def kill(self) -> None:
        """SIGKILL to all that belongs to it."""
        kill_family(self.process.pid)
        self.process.join()

    @property
    def step(self) -> int:
        """The last step that it has told of."""
        steps = re.findall(rf"finetune: step (\d+)/{STEPS}", self.told)
        return int(steps[-1]) if steps else 0

    @property
    def beginnings(self) -> list[int]:
        """Steps that were done when training began, and each time it went on."""
        found = re.findall(rf"finetune: (?:{STEPS} steps|going on after step (\d+))", self.told)
        return [int(step or 0) for step in found]

    def assert_goes_on(self) -> None:
        """From checkpoints alone, and never from an older one than before."""
        assert self.beginnings == sorted(self.beginnings)
        assert all(step % CHECKPOINT_EVERY == 0 for step in self.beginnings)

    def wait_for_step(self, step: int) -> None:
        """Until it has told of the step, or of a later one."""
        self.wait_for(lambda: self.step >= step)

    def wait_for_words(self) -> None:
        """Until it has told anything."""
        self.wait_for(lambda: bool(self.told))

    def wait_for_beginning(self, times: int = 1) -> None:
        """Until it trains, or trains anew."""
        self.wait_for(lambda: len(self.beginnings) >= times)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Until the condition holds."""
        limit = time.monotonic() + SECONDS
        while not condition():
            assert self.process.exitcode is None, f"it ended too early:\n{self.told[-4000:]}"
            assert time.monotonic() < limit, f"it hangs:\n{self.told[-4000:]}"
            self.process.join(0.005)

    def workers(self) -> list[psutil.Process]:
        """Ray's processes that train."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in family if "RayTrainWorker" in " ".join(_command(one))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _run(folder: Path, log: Path, arguments: Sequence[str], environment: dict[str, str]) -> None:
    """What the command would do, in a process whose libraries are there."""
    os.environ |= environment
    lead_own_session(folder, log)
    train_tiny.main(*arguments)


@dataclass(frozen=True)
class World:
    """A model and shards to train on."""

    start: Path
    shards: Path

    def begin(self, folder: Path, workers: int = 1, checkpoints: str = "scratch/training") -> Attempt:
        """Start training in a folder; what was kept there is gone on from."""
        folder.mkdir(exist_ok=True)
        return Attempt(folder, str(self.start), str(self.shards), str(workers), checkpoints, "out")


@dataclass(frozen=True)
class Outcome:
    """Learnt weights and log."""

    weights: dict[str, torch.Tensor]
    log: Log

    @classmethod
    def read(cls, folder: Path) -> Outcome:
        """What the program left."""
        return cls(load_file(folder / "out" / "weights.safetensors"), Log.load(folder / "out"))

    def assert_same(self, other: Outcome) -> None:
        """Bit by bit, but for times."""
        assert self.weights.keys() == other.weights.keys()
        assert not [name for name, value in self.weights.items() if not torch.equal(value, other.weights[name])]
        assert [(row.step, row.loss) for row in self.log.rows] == [(row.step, row.loss) for row in other.log.rows]
        assert self.log.validation == other.log.validation

    def assert_close(self, other: Outcome) -> None:
        """As far as adding up in another order allows."""
        for ours, alone in zip(self.log.rows, other.log.rows, strict=True):
            assert ours.loss == pytest.approx(alone.loss, abs=1e-3)
        for measured, expected in zip(self.log.validation, other.log.validation, strict=True):
            assert measured.loss == pytest.approx(expected.loss, abs=1e-3)


@pytest.fixture(scope="module")
def world(start: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Enough samples for a run that can be interrupted."""
    return World(start, write_shards(tmp_path_factory.mktemp("many"), random.Random(5), train=SAMPLES))


@pytest.fixture(scope="module")
def undisturbed(world: World, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What one worker learns when nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    attempt = world.begin(folder)
    told = attempt.end()
    assert attempt.beginnings == [0]
    assert f"finetune: step {STEPS}/{STEPS}" in told
    return Outcome.read(folder)


def test_training_learns(undisturbed: Outcome) -> None:
    rows, validation = undisturbed.log.rows, undisturbed.log.validation
    expected = list(range(CHECKPOINT_EVERY, STEPS + 1, CHECKPOINT_EVERY))
    assert [row.step for row in rows] == [row.step for row in validation] == expected
    assert rows[-1].loss < 0.7 * rows[0].loss
    assert validation[-1].loss < validation[0].loss
    assert rows[-1].learning_rate < rows[0].learning_rate
    assert all("multi_modal_projector" in name or "lora_" in name for name in undisturbed.weights)


def test_killed_twenty_times_it_ends_where_an_undisturbed_run_ends(
    world: World, undisturbed: Outcome, tmp_path: Path
) -> None:
    """At random steps, and, each fourth time, while it still prepares."""
    rng = random.Random(20)
    attempt = world.begin(tmp_path)
    for number in range(1, KILLS + 1):
        if number % 4:
            most = STEPS * number // (KILLS + 2)
            attempt.wait_for_step(rng.randint(most - STEPS // (KILLS + 2), most))
        else:
            attempt.wait_for_words()
        attempt.kill()
        attempt.assert_goes_on()
        kept = _last_kept(tmp_path)
        attempt = world.begin(tmp_path)
        attempt.wait_for_beginning()
        assert attempt.beginnings[0] >= kept, "a finished checkpoint was lost"
    told = attempt.end()
    attempt.assert_goes_on()
    assert f"finetune: step {STEPS}/{STEPS}" in told
    Outcome.read(tmp_path).assert_same(undisturbed)


def test_a_finished_run_is_taken_up_without_a_step(world: World, undisturbed: Outcome, tmp_path: Path) -> None:
    world.begin(tmp_path).end()
    (tmp_path / "out").rename(tmp_path / "before")
    again = world.begin(tmp_path)
    told = again.end()
    assert f"finetune: all {STEPS} steps are done already" in told
    assert "s left" not in told
    Outcome.read(tmp_path).assert_same(undisturbed)


def _last_kept(folder: Path) -> int:
    """Step of the last checkpoint that is whole."""
    steps = [
        int(path.parent.name.rpartition("-")[2]) for path in folder.glob("scratch/training/*/step-*/position.json")
    ]
    return max(steps, default=0)


def test_a_checkpoint_that_cannot_be_read_is_passed_over(world: World, undisturbed: Outcome, tmp_path: Path) -> None:
    attempt = world.begin(tmp_path)
    attempt.wait_for_step(4 * CHECKPOINT_EVERY)
    attempt.kill()
    last = _last_kept(tmp_path)
    [state] = tmp_path.glob(f"scratch/training/*/step-{last:08d}/state.safetensors")
    state.write_bytes(state.read_bytes()[:1000])
    attempt = world.begin(tmp_path)
    told = attempt.end()
    assert f"step-{last:08d} cannot be read" in told
    assert attempt.beginnings[0] == last - CHECKPOINT_EVERY
    Outcome.read(tmp_path).assert_same(undisturbed)


def test_two_workers_lose_one_and_go_on_and_one_goes_on_where_they_were_from_an_s3_store(
    world: World, undisturbed: Outcome, tmp_path: Path, s3: str
) -> None:
    bucket = f"{s3}/training"
    attempt = world.begin(tmp_path, workers=2, checkpoints=bucket)
    attempt.wait_for_step(3 * CHECKPOINT_EVERY)
    attempt.workers()[0].kill()
    attempt.wait_for_beginning(times=2)
    assert re.search(r"finetune: lost worker (0|1|0, 1) \(", attempt.told)
    assert attempt.beginnings[0] == 0
    assert attempt.beginnings[1] >= CHECKPOINT_EVERY
    attempt.wait_for_step(attempt.beginnings[1] + 3 * CHECKPOINT_EVERY)
    attempt.kill()
    other_machine = tmp_path / "other"
    alone = world.begin(other_machine, workers=1, checkpoints=bucket)
    alone.end()
    assert alone.beginnings[0] > attempt.beginnings[1]
    Outcome.read(other_machine).assert_close(undisturbed)
