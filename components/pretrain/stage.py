"""Join the backbones, train the connector, and write the whole model."""

from __future__ import annotations

import time

import torch

from components.files.atomic import new_folder
from components.fingerprints.stage import record_file, stage_fingerprint
from components.model.assembling import assemble
from components.model.loading import save_model
from components.params.schema import Params
from components.stages.paths import BACKBONES, PRETRAINED, REPORTS, SCRATCH, SHARDS
from components.training.report import write_report
from components.training.trainable import load_weights


def run(params: Params) -> None:
    """From backbones and stage-1 shards to artifacts/pretrain/model."""
    # Here, so that a stage's plan is made without Ray.
    from components.training.run import train

    fingerprint = stage_fingerprint("pretrain", params)
    started = time.monotonic()
    dtype = torch.bfloat16 if params.pretrain.precision == "bf16" else torch.float32
    model, processor = assemble(BACKBONES, params.model, params.seed, dtype)
    start = SCRATCH / "pretrain-start"
    with new_folder(start) as folder:
        save_model(model, processor, folder)
    trained = train(params, "pretrain", "plain", start, SHARDS / "pretrain")
    load_weights(model, trained.weights)
    with new_folder(PRETRAINED) as folder:
        save_model(model, processor, folder)
    write_report(REPORTS / "pretrain", trained.log, time.monotonic() - started)
    fingerprint.write(record_file("pretrain"))
