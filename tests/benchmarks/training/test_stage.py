"""The stage and the plain Trainer beside it learn the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from benchmarks.training.stage import PLAIN, STAGE, take_turn
from components.model.assembling import assemble
from components.model.loading import save_model
from components.stages.paths import PRETRAINED, SHARDS
from tests.model.tiny import params, save_backbones
from tests.training.shards import write_shards

pytestmark = pytest.mark.slow
STEPS = 4


def test_both_programs_learn_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, processor = assemble(save_backbones(tmp_path / "backbones"), params().model, 17, torch.float32)
    save_model(model, processor, tmp_path / PRETRAINED)
    write_shards(tmp_path / SHARDS / "finetune", random.Random(5), train=16)
    monkeypatch.chdir(tmp_path)
    values = params().model_dump(mode="json")
    values["finetune"] |= {"batch": 8, "micro_batch": 4, "epochs": STEPS * 8 / 16, "log_every": 1}
    stage, plain = (take_turn(module, values) for module in (STAGE, PLAIN))
    assert len(stage.losses) == len(plain.losses) == STEPS
    assert stage.losses == pytest.approx(plain.losses, rel=1e-3)
    assert min(stage.steady, plain.steady, stage.seconds, plain.seconds) > 0
