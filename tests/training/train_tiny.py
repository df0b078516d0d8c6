"""Trains in the working folder: ``python -m tests.training.train_tiny START SHARDS WORKERS CHECKPOINTS OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

from safetensors.torch import save_file

from components.params.schema import Params
from components.training.run import train
from tests.model.tiny import params

STEPS, BATCH, CHECKPOINT_EVERY = 200, 8, 10
SAMPLES = 80


def tiny_params(workers: int, checkpoints: str) -> Params:
    """Stage 2 with few and small steps, which may fail often."""
    given = params().model_dump()
    given["finetune"] |= {
        "epochs": STEPS * BATCH / SAMPLES,
        "batch": BATCH,
        "micro_batch": 4,
        "workers": workers,
        "log_every": CHECKPOINT_EVERY,
        "checkpoint_every": CHECKPOINT_EVERY,
        "max_failures": 1000,
    }
    given["run"] |= {"checkpoints": checkpoints}
    return Params.model_validate(given)


def main(start: str, shards: str, workers: str, checkpoints: str, out: str) -> None:
    """Train, then leave weights and log in OUT."""
    trained = train(tiny_params(int(workers), checkpoints), "finetune", "chat", Path(start), Path(shards))
    folder = Path(out)
    folder.mkdir()
    trained.log.save(folder)
    save_file(trained.weights, folder / "weights.safetensors")


if __name__ == "__main__":
    main(*sys.argv[1:])
