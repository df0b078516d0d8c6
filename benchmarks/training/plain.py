"""Stage 2 as an engineer writes it with transformers' Trainer and PEFT, as a program of its own: the stage's opponent.

Reads params.yaml and what the stages before left in the working folder, as stage finetune does, and trains on the same
global batches with the same learning rates. Writes adapter and merged model.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from components.model.loading import load_model, save_model
from components.params.load import load_params
from components.params.schema import Params
from components.stages.paths import ADAPTER, FINETUNED, PRETRAINED, SHARDS
from components.training.batches import BatchPlan
from components.training.engine import cosine
from components.training.labels import Markup
from components.training.mixture import read_mixture
from components.training.samples import Samples
from components.training.trainable import add_lora, optimizer_groups

RESULT = Path("plain.json")
"""Losses, steps, and seconds from the first step's end to the last one's."""


class _Clock(TrainerCallback):
    """Notes when steps end, and their losses."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self.losses: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """See TrainerCallback."""
        self.ends.append(time.monotonic())

    def on_log(self, *_: Any, logs: dict[str, float], **__: Any) -> None:
        """See TrainerCallback."""
        self.losses += [logs["loss"]] if "loss" in logs else []


def main() -> None:
    """Train to the end, and leave what the stage leaves."""
    params = load_params()
    section = params.finetune
    torch.manual_seed(params.seed)
    model, processor = load_model(PRETRAINED, dtype=torch.float32)
    tokens = params.model.tokens
    markup = Markup(processor.image_token, processor.image_seq_length, tokens.turn_end.text, tokens.end.text)
    samples = Samples(SHARDS / "finetune", "train", "chat", processor, markup, section)
    plan = BatchPlan(
        samples.lengths, section, params.seed, read_mixture(SHARDS / "finetune", samples.sources, params.seed)
    )
    learner = add_lora(model, section).train()
    clock = _train(learner, samples, plan, params)
    learner.save_pretrained(ADAPTER)
    save_model(learner.merge_and_unload(), processor, FINETUNED)
    RESULT.write_text(
        json.dumps({"losses": clock.losses, "steps": len(clock.ends), "steady": clock.ends[-1] - clock.ends[0]}),
        encoding="utf-8",
    )


def _train(learner: Any, samples: Samples, plan: BatchPlan, params: Params) -> _Clock:
    section, clock = params.finetune, _Clock()
    optimizer = torch.optim.AdamW(optimizer_groups(learner, section), weight_decay=section.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: cosine(step, plan.steps, section.warmup))

    def collate(indices: list[int]) -> dict[str, Any]:
        return samples.batch(indices).tensors

    trainer = Trainer(
        model=learner,
        args=TrainingArguments(
            output_dir="trainer",
            per_device_train_batch_size=section.micro_batch,
            gradient_accumulation_steps=section.batch // section.micro_batch,
            num_train_epochs=1,
            max_grad_norm=section.clip,
            use_cpu=True,
            train_sampling_strategy="sequential",
            remove_unused_columns=False,
            save_strategy="no",
            logging_steps=section.log_every,
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=[index for step in range(plan.steps) for micro in plan.step(step) for index in micro],
        data_collator=collate,
        optimizers=(optimizer, schedule),
        callbacks=[clock],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return clock


if __name__ == "__main__":
    main()
