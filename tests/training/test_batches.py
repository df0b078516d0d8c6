"""Which samples make up which step."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.params.schema import Pretrain
from components.training.batches import BatchPlan, TooFewSamples
from tests.model.tiny import params


def plan_of(lengths: list[int], batch: int, micro_batch: int, epochs: float, seed: int, **more: Any) -> BatchPlan:
    """A plan with the demo's parameters but for those given."""
    given = {"batch": batch, "micro_batch": micro_batch, "epochs": epochs, **more}
    return BatchPlan(lengths, Pretrain.model_validate(params().pretrain.model_dump() | given), seed)


SIZES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 60), st.integers(0, 9))


def lengths_of(count: int, seed: int = 0) -> list[int]:
    rng = random.Random(seed)
    return [rng.randint(40, 320) for _ in range(count)]


def epoch(plan: BatchPlan, number: int) -> list[list[list[int]]]:
    first = number * plan.steps_per_epoch
    return [plan.step(first + i) for i in range(plan.steps_per_epoch)]


@given(SIZES)
def test_every_sample_stands_at_most_once_in_an_epoch(sizes: tuple[int, int, int, int]) -> None:
    micro_batch, parts, more, seed = sizes
    batch = micro_batch * parts
    count = batch + more
    plan = plan_of(lengths_of(count, seed), batch, micro_batch, 2, seed)
    for number in range(2):
        steps = epoch(plan, number)
        assert all([len(part) for part in step] == [micro_batch] * parts for step in steps)
        used = [index for step in steps for part in step for index in part]
        assert len(used) == len(set(used)) == count // batch * batch
        assert set(used) <= set(range(count))


def test_same_seed_same_plan_whatever_is_asked_first() -> None:
    lengths = lengths_of(100)
    forwards, backwards = (plan_of(lengths, 16, 4, 3, 17) for _ in range(2))
    expected = [forwards.step(number) for number in range(forwards.steps)]
    assert [backwards.step(number) for number in reversed(range(forwards.steps))] == expected[::-1]
    other = plan_of(lengths, 16, 4, 3, 18)
    assert [other.step(number) for number in range(other.steps)] != expected


def test_epochs_differ() -> None:
    plan = plan_of(lengths_of(64), 16, 4, 2, 17)
    assert epoch(plan, 0) != epoch(plan, 1)


def test_workers_share_a_step_without_overlap() -> None:
    plan = plan_of(lengths_of(100), 16, 4, 1, 17)
    for number in range(plan.steps):
        whole = plan.step(number)
        shares = [whole[rank::2] for rank in range(2)]
        assert [len(share) for share in shares] == [2, 2]
        assert sorted(i for share in shares for part in share for i in part) == sorted(
            i for part in whole for i in part
        )


def test_samples_of_like_length_share_a_micro_batch() -> None:
    lengths = lengths_of(256, seed=4)
    plan = plan_of(lengths, 32, 8, 1, 17)
    spans = [max(s) - min(s) for step in epoch(plan, 0) for s in ([lengths[i] for i in part] for part in step)]
    assert sum(spans) / len(spans) < 20, "of 280 between the shortest and the longest"


def test_grouping_does_not_put_short_samples_first() -> None:
    lengths = sorted(lengths_of(512))
    plan = plan_of(lengths, 32, 8, 1, 17)
    means = [sum(lengths[i] for part in step for i in part) / 32 for step in epoch(plan, 0)]
    assert means != sorted(means)
    assert means != sorted(means, reverse=True)


@pytest.mark.parametrize(("epochs", "steps"), [(1, 6), (2, 12), (0.5, 3), (0.01, 1), (1.9, 11)])
def test_steps_follow_from_the_epochs(epochs: float, steps: int) -> None:
    assert plan_of(lengths_of(100), 16, 4, epochs, 17).steps == steps


def test_fewer_samples_than_a_batch_are_an_error() -> None:
    with pytest.raises(TooFewSamples, match="15 samples are fewer than one batch of 16"):
        plan_of(lengths_of(15), 16, 4, 1, 17)


@pytest.mark.parametrize("workers", [1, 2])
def test_packed_steps_hold_the_same_samples_for_any_number_of_workers(workers: int) -> None:
    lengths = lengths_of(100)
    padded = plan_of(lengths, 16, 4, 2, 17, pack_length=None)
    packed = plan_of(lengths, 16, 4, 2, 17, pack_length=640, workers=workers)
    assert packed.steps == padded.steps
    for number in range(packed.steps):
        step = packed.step(number)
        assert len(step) % workers == 0
        assert all(sum(lengths[i] for i in part) <= 640 for part in step)
        assert len({i for part in step for i in part}) == 16
    alone = plan_of(lengths, 16, 4, 2, 17, pack_length=640)
    for number in range(packed.steps):
        assert {i for part in packed.step(number) for i in part} == {i for part in alone.step(number) for i in part}
