"""Training from shards to learnt weights by Ray Train: undisturbed, killed, and with more and fewer workers."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file

from components.training.log import Log
from tests.model.tiny import ROOT
from tests.training.shards import write_shards
from tests.training.train_tiny import CHECKPOINT_EVERY, SAMPLES, STEPS

pytestmark = pytest.mark.slow
SECONDS = 600
KILLS = 20


@dataclass
class Attempt:
    """Training as a program of its own, in a folder of its own, leading a process group of its own."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def told(self) -> str:
        """All that it has printed."""
        return "\n".join(self.lines)

    def end(self) -> str:
        """Wait for a good end; returns what was told."""
        code = self.process.wait(timeout=SECONDS)
        self._reader.join()
        assert code == 0, self.told[-4000:]
        return self.told

    def kill(self) -> None:
        """SIGKILL to all that belongs to it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join()

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

    def wait_for_step(self, step: int, seconds: float = SECONDS) -> None:
        """Until it has told of the step, or so long."""
        self.wait_for(lambda: self.step >= step, seconds)

    def wait_for_beginning(self) -> None:
        """Until it trains."""
        self.wait_for(lambda: bool(self.beginnings))

    def wait_for_workers(self) -> None:
        """Until there are processes that will train."""
        self.wait_for(lambda: bool(self.workers()))

    def wait_for(self, condition: Callable[[], bool], seconds: float = SECONDS) -> None:
        """Until the condition holds, or so long."""
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            assert self.process.poll() is None, f"it ended too early:\n{self.told[-4000:]}"
            time.sleep(0.02)

    def workers(self) -> list[psutil.Process]:
        """The processes that train."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            command = " ".join(process.info["cmdline"] or [])
            if "RayTrainWorker" in command and os.getsid(process.pid) == os.getsid(self.process.pid):
                found.append(process)
        return found


@dataclass(frozen=True)
class World:
    """A model and shards to train on."""

    start: Path
    shards: Path

    def begin(self, folder: Path, workers: int = 1, checkpoints: str = "scratch/training") -> Attempt:
        """Start training in a folder; what was kept there is gone on from."""
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "tests.training.train_tiny"]
        return Attempt(
            subprocess.Popen(
                [*command, str(self.start), str(self.shards), str(workers), checkpoints, "out"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        )


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
    """At random moments: mostly the worker, which Ray Train replaces; each fifth time everything that runs."""
    rng = random.Random(20)
    attempt = world.begin(tmp_path)
    for number in range(1, KILLS + 1):
        cap = STEPS * number // (KILLS + 2)
        if number % 5:
            attempt.wait_for_workers()
            attempt.wait_for_step(cap, rng.uniform(0, 8))
            for worker in attempt.workers():
                worker.kill()
        else:
            attempt.wait_for_step(cap, rng.uniform(0, 20))
            attempt.kill()
            kept = _last_kept(tmp_path)
            attempt.assert_goes_on()
            attempt = world.begin(tmp_path)
            attempt.wait_for_beginning()
            assert attempt.beginnings[0] >= kept, "a finished checkpoint was lost"
    told = attempt.end()
    attempt.assert_goes_on()
    assert f"finetune: step {STEPS}/{STEPS}" in told
    Outcome.read(tmp_path).assert_same(undisturbed)


def _last_kept(folder: Path) -> int:
    """Step of the checkpoint that Ray Train has noted as the latest one."""
    for snapshot in folder.glob("scratch/training/*/checkpoint_manager_snapshot.json"):
        latest = json.loads(snapshot.read_text(encoding="utf-8"))["latest_checkpoint_result"]
        return int(latest["metrics"]["step"]) if latest else 0
    return 0


def test_two_workers_learn_what_one_learns_and_a_lost_one_is_replaced(
    world: World, undisturbed: Outcome, tmp_path: Path
) -> None:
    attempt = world.begin(tmp_path, workers=2)
    attempt.wait_for(lambda: _last_kept(tmp_path) >= CHECKPOINT_EVERY)
    attempt.workers()[0].kill()
    told = attempt.end()
    assert re.search(r"finetune: lost worker (0|1|0, 1) \(", told)
    assert attempt.beginnings[0] == 0
    assert attempt.beginnings[1] >= CHECKPOINT_EVERY
    Outcome.read(tmp_path).assert_close(undisturbed)


def test_goes_on_with_fewer_workers_from_an_s3_store(
    world: World, undisturbed: Outcome, tmp_path: Path, s3: str
) -> None:
    bucket = f"{s3}/training"
    attempt = world.begin(tmp_path, workers=2, checkpoints=bucket)
    attempt.wait_for_step(4 * CHECKPOINT_EVERY)
    attempt.kill()
    other_machine = tmp_path / "other"
    attempt = world.begin(other_machine, workers=1, checkpoints=bucket)
    attempt.end()
    assert attempt.beginnings[0] >= CHECKPOINT_EVERY
    Outcome.read(other_machine).assert_close(undisturbed)
