"""Trains again and again while the code changes: ``python -m tests.training.train_again START SHARDS``.

The package ``components`` that it runs, and changes, has to be a copy. Before each training it prints what was changed.
"""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import components
from components.params.schema import Params
from components.training.run import train
from tests.fingerprints.editing import changed, reworded
from tests.model.tiny import params

STEPS, BATCH, SAMPLES = 2, 8, 16
FIRST, REWORDED, CHANGED = "at first", "with other comments", "with other code"
_WEIGHTS = "weights.safetensors"
_CODE = Path(components.__file__).parent / "training" / "engine.py"


def few_steps() -> Params:
    """Stage 2, with every step told of."""
    given = params().model_dump()
    given["finetune"] |= {"epochs": STEPS * BATCH / SAMPLES, "batch": BATCH, "micro_batch": 4, "log_every": 1}
    return Params.model_validate(given)


def main(start: str, shards: str) -> None:
    """Train three times."""
    weights = []
    for what in (FIRST, REWORDED, CHANGED):
        if what != FIRST:
            _CODE.write_text((reworded if what == REWORDED else changed)(_CODE), encoding="utf-8")
        print(what, flush=True)
        # DeepSpeed cannot begin twice in one process.
        process = multiprocessing.get_context("fork").Process(target=_train, args=(Path(start), Path(shards)))
        process.start()
        process.join()
        assert process.exitcode == 0
        weights.append(load_file(_WEIGHTS))
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())


def _train(start: Path, shards: Path) -> None:
    save_file(train(few_steps(), "finetune", "chat", start, shards).weights, _WEIGHTS)


if __name__ == "__main__":
    main(*sys.argv[1:])
