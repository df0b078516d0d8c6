"""The ways to train that are compared, on tiny backbones."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.training.mix import typical
from benchmarks.training.process import alone
from benchmarks.training.setting import changed, longest_text, make_setting, recipe, stand_ins
from benchmarks.training.ways import make_ways

pytestmark = pytest.mark.slow


def test_each_way_computes_less_than_the_one_before(tmp_path: Path) -> None:
    whole = recipe(tmp_path)
    lengths = typical(4, longest_text(whole), 17)
    setting = make_setting(tmp_path, whole, stand_ins("tiny", 17), lengths)
    params = changed(whole.finetune, device="cpu", workers=1, batch=4, micro_batch=2, pack_length=2048)
    costs = []
    with alone("cpu"):
        for way in make_ways(setting, params, tmp_path / "trainer"):
            micro_batches = way.micro_batches([2, 0, 3, 1], params)
            assert way.learner.learn(micro_batches) > 0
            costs.append(way.cost(micro_batches))
    assert all(after.flops < before.flops for before, after in pairwise(costs))
    assert costs[0].tokens - costs[1].tokens == (576 - 144) * lengths.images.sum()
    assert costs[-1].positions == costs[-1].tokens == costs[1].tokens < costs[1].positions
