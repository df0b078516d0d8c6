"""Two workers, every ZeRO stage, packed and padded: the same training; checkpoints that any of them goes on from."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from components.training.job import Job
from tests.model.tiny import params
from tests.training.parallel import (
    Change,
    Outcome,
    know_the_answers,
    run,
    run_ddp,
    spoil_a_weight,
    take_labels_away,
)
from tests.training.shards import write_shards

pytestmark = pytest.mark.slow
STEPS, HALF, BATCH, SAMPLES = 6, 3, 8, 48


@pytest.fixture(scope="module")
def job(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A few steps of stage 2 with dropout, on two workers without ZeRO."""
    section = params().finetune.model_dump() | {
        "batch": BATCH,
        "micro_batch": 2,
        "epochs": STEPS * BATCH / SAMPLES,
        "workers": 2,
        "zero_stage": 0,
        "checkpoint_every": HALF,
    }
    section["lora"] = section["lora"] | {"dropout": 0.1}
    return Job(
        stage="finetune",
        layout="chat",
        params=section,
        start=str(start),
        shards=str(write_shards(tmp_path_factory.mktemp("shards"), random.Random(4), train=SAMPLES)),
        seed=17,
        turn_end=params().model.tokens.turn_end.text,
        end=params().model.tokens.end.text,
        threads=1,
    )


def changed(job: Job, **changes: Any) -> Job:
    return replace(job, params=job.params | changes)


@pytest.fixture(scope="module")
def plain(job: Job, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Without ZeRO."""
    outcome = run(job, tmp_path_factory.mktemp("plain"))
    assert outcome.stopped == ""
    assert len(outcome.losses) == STEPS
    assert [checkpoint.done for checkpoint in outcome.checkpoints] == [HALF, STEPS]
    assert all(norm > 0 for norm in outcome.norms)
    return outcome


def test_without_zero_it_is_distributed_data_parallel(job: Job, plain: Outcome, tmp_path: Path) -> None:
    assert run_ddp(job, tmp_path) == pytest.approx(plain.losses, rel=1e-5)


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_every_zero_stage_learns_the_same(job: Job, plain: Outcome, stage: int, tmp_path: Path) -> None:
    outcome = run(changed(job, zero_stage=stage), tmp_path)
    assert outcome.losses == pytest.approx(plain.losses, rel=1e-4)
    assert outcome.norms == pytest.approx(plain.norms, rel=1e-3)
    expected = plain.checkpoints[-1].state
    for name, value in outcome.checkpoints[-1].state.items():
        assert torch.allclose(value, expected[name], atol=1e-4), name


@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_going_on_is_as_if_nothing_had_happened(job: Job, plain: Outcome, stage: int, tmp_path: Path) -> None:
    """Bit by bit at the same ZeRO stage; the checkpoint may come from another."""
    whole = plain if stage == 0 else run(changed(job, zero_stage=stage), tmp_path)
    rest = run(changed(job, zero_stage=stage), tmp_path, found=whole.checkpoints[0])
    assert rest.losses == whole.losses[HALF:]
    state = whole.checkpoints[-1].state
    assert all(torch.equal(value, state[name]) for name, value in rest.checkpoints[-1].state.items())
    if stage:
        other = run(changed(job, zero_stage=stage), tmp_path, found=plain.checkpoints[0])
        assert other.losses == pytest.approx(plain.losses[HALF:], rel=1e-4)


def test_fewer_workers_go_on_where_more_stopped(job: Job, plain: Outcome, tmp_path: Path) -> None:
    """Without dropout they would learn the very same; what it draws depends on the worker."""
    sober = changed(job, lora=job.params["lora"] | {"dropout": 0.0})
    whole = run(sober, tmp_path)
    rest = run(changed(sober, workers=1, zero_stage=2), tmp_path, found=whole.checkpoints[0])
    assert rest.losses == pytest.approx(whole.losses[HALF:], rel=1e-5)


def test_packed_and_bf16_train_as_padded_and_fp32(job: Job, plain: Outcome, tmp_path: Path) -> None:
    packed = run(changed(job, pack_length=1024, lora=job.params["lora"] | {"dropout": 0.0}), tmp_path)
    bf16 = run(changed(job, pack_length=1024, precision="bf16", lora=job.params["lora"] | {"dropout": 0.0}), tmp_path)
    assert len(packed.losses) == STEPS
    assert packed.losses[-1] < packed.losses[0]
    assert bf16.losses == pytest.approx(packed.losses, rel=0.02)


def test_decoding_in_other_processes_changes_nothing(job: Job, plain: Outcome, tmp_path: Path) -> None:
    outcome = run(changed(job, loader_processes=1), tmp_path)
    assert outcome.losses == plain.losses


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (spoil_a_weight, r"step 1: the loss is nan: lower the learning rate.* \(tiny/train-\d+"),
        (take_labels_away, r"step 1: no token carries loss \(tiny/train-\d+.*tiny/train-\d+"),
        (know_the_answers, r"step 1: the loss is exactly 0: .*tiny/train-\d+"),
    ],
)
def test_what_cannot_be_learnt_stops_all_workers_and_is_named(
    job: Job, change: Change, message: str, tmp_path: Path
) -> None:
    outcome = run(job, tmp_path, change=change)
    assert re.search(message, outcome.stopped), outcome.stopped
    assert not outcome.checkpoints


def test_a_picture_that_one_worker_cannot_read_stops_all_and_is_named(job: Job, tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards", random.Random(4), train=SAMPLES, damaged=21)
    outcome = run(replace(job, shards=str(shards)), tmp_path)
    assert "tiny/train-021: its picture cannot be decoded" in outcome.stopped
