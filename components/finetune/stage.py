"""Train connector and LoRA from the stage-1 model, and write the adapter and the merged model."""

from __future__ import annotations

import time

from components.files.atomic import new_folder
from components.fingerprints.stage import record_file, stage_fingerprint
from components.model.loading import load_model, save_model
from components.params.schema import Params
from components.stages.paths import ADAPTER, FINETUNED, PRETRAINED, REPORTS, SHARDS
from components.training.report import write_report
from components.training.trainable import add_lora, load_weights


def run(params: Params) -> None:
    """From the stage-1 model and stage-2 shards to artifacts/finetune/{adapter,model}."""
    # Here, so that a stage's plan is made without Ray.
    from components.training.run import train

    fingerprint = stage_fingerprint("finetune", params)
    started = time.monotonic()
    trained = train(params, "finetune", "chat", PRETRAINED, SHARDS / "finetune")
    model, processor = load_model(PRETRAINED)
    learner = add_lora(model, params.finetune)
    load_weights(learner, trained.weights)
    with new_folder(ADAPTER) as folder:
        learner.save_pretrained(folder)
    merged = learner.merge_and_unload()
    with new_folder(FINETUNED) as folder:
        save_model(merged, processor, folder)
    write_report(REPORTS / "finetune", trained.log, time.monotonic() - started)
    fingerprint.write(record_file("finetune"))
