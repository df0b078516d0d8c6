"""Training from shards to learnt weights: undisturbed, killed and begun again, and with two workers."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from components.training.log import Log
from tests.model.tiny import ROOT
from tests.training.shards import write_shards
from tests.training.train_tiny import CHECKPOINT_EVERY, SAMPLES, STEPS

pytestmark = pytest.mark.slow
SECONDS = 400


@dataclass(frozen=True)
class Work:
    """A model and shards to train on."""

    start: Path
    shards: Path

    def begin(self, folder: Path, workers: int) -> subprocess.Popen[str]:
        """Training as a program of its own, in a folder of its own, leading a process group of its own."""
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "tests.training.train_tiny"]
        return subprocess.Popen(
            [*command, str(self.start), str(self.shards), str(workers), "out"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, folder: Path, workers: int) -> str:
        """Train to the end; returns what was told."""
        process = self.begin(folder, workers)
        told, _ = process.communicate(timeout=SECONDS)
        assert process.returncode == 0, told[-4000:]
        return told


@dataclass(frozen=True)
class Outcome:
    """Learnt weights and log."""

    weights: dict[str, torch.Tensor]
    log: Log

    @classmethod
    def read(cls, folder: Path) -> Outcome:
        """What the program left."""
        return cls(load_file(folder / "out" / "weights.safetensors"), Log.load(folder / "out"))


@pytest.fixture(scope="module")
def work(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """Enough samples for a run that can be interrupted."""
    return Work(start, write_shards(tmp_path_factory.mktemp("many"), random.Random(5), train=SAMPLES))


@pytest.fixture(scope="module")
def undisturbed(work: Work, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What one worker learns when nothing happens."""
    folder = tmp_path_factory.mktemp("undisturbed")
    told = work.run(folder, workers=1)
    assert "going on after step" not in told
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


def test_killed_and_begun_again_it_ends_where_an_undisturbed_run_ends(
    work: Work, undisturbed: Outcome, tmp_path: Path
) -> None:
    killed = work.begin(tmp_path, workers=1)
    try:
        _wait_for_checkpoint(killed, tmp_path / "scratch" / "training")
    finally:
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate()
    assert not (tmp_path / "out").exists(), "the run ended before it was killed"
    told = work.run(tmp_path, workers=1)
    found = re.search(rf"finetune: going on after step (\d+) of {STEPS}", told)
    assert found is not None, told[-4000:]
    assert int(found.group(1)) % CHECKPOINT_EVERY == 0
    assert 0 < int(found.group(1)) < STEPS
    outcome = Outcome.read(tmp_path)
    assert outcome.weights.keys() == undisturbed.weights.keys()
    different = [name for name, value in outcome.weights.items() if not torch.equal(value, undisturbed.weights[name])]
    assert not different
    assert [row.loss for row in outcome.log.rows] == [row.loss for row in undisturbed.log.rows]
    assert outcome.log.validation == undisturbed.log.validation


def _wait_for_checkpoint(process: subprocess.Popen[str], folder: Path) -> None:
    """Until Ray Train has noted a checkpoint as the latest one."""
    deadline = time.monotonic() + SECONDS
    while not any(
        "checkpoint_" in p.read_text(encoding="utf-8") for p in folder.glob("*/checkpoint_manager_snapshot.json")
    ):
        assert process.poll() is None, process.communicate()[0][-4000:]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_two_workers_learn_what_one_learns(work: Work, undisturbed: Outcome, tmp_path: Path) -> None:
    work.run(tmp_path, workers=2)
    outcome = Outcome.read(tmp_path)
    for ours, alone in zip(outcome.log.rows, undisturbed.log.rows, strict=True):
        assert ours.loss == pytest.approx(alone.loss, abs=1e-3)
    for measured, expected in zip(outcome.log.validation, undisturbed.log.validation, strict=True):
        assert measured.loss == pytest.approx(expected.loss, abs=1e-3)
