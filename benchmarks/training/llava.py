"""LLaVA's way, as an engineer writes it with stock transformers and PEFT: the reference that speeds are relative to."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Any

import torch
from transformers import (
    LlavaConfig,
    LlavaForConditionalGeneration,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from components.model import KoreanVlmConfig, KoreanVlmForConditionalGeneration
from components.model.ldpv2 import Ldpv2Connector
from components.params.schema import Finetune
from components.training.samples import Samples
from components.training.trainable import add_lora


def stock_llava(start: Path, like: KoreanVlmForConditionalGeneration, image_tokens: int) -> Any:
    """LLaVA-1.5's model (arXiv:2310.03744) of the backbones in ``start``, with a new connector: every patch a token.

    Backbones take no memory of their own: they are those of ``like``, which is the model in ``start``.
    """
    ours: KoreanVlmConfig = like.config
    config = LlavaConfig(
        vision_config=ours.vision_config,
        text_config=ours.text_config,
        image_token_index=ours.image_token_index,
        vision_feature_layer=ours.vision_feature_layer,
        image_seq_length=image_tokens,
        tie_word_embeddings=ours.tie_word_embeddings,
    )
    model = LlavaForConditionalGeneration.from_pretrained(start, config=config, dtype=like.dtype)
    theirs = dict(like.named_parameters())
    for name, parameter in model.named_parameters():
        if name in theirs:
            parameter.data = theirs[name].data
    return model


def with_ldpv2(llava: Any, config: KoreanVlmConfig) -> Any:
    """The same model with the project's connector in place of LLaVA's, and nothing else changed."""
    connector = Ldpv2Connector(config)
    connector.start()
    llava.model.multi_modal_projector = connector.to(llava.dtype)
    return llava


class StockTrainer:
    """transformers' Trainer on a model with PEFT's LoRA."""

    def __init__(self, llava: Any, params: Finetune, samples: Samples, out: Path) -> None:
        self._model = add_lora(llava, params).train()
        self._params, self._samples, self._out = params, samples, out

    def learn(self, micro_batches: list[list[int]]) -> float:
        """One optimiser step over all micro-batches, all of one size. Returns seconds, reading of samples included."""
        clock = _Clock()
        trainer = Trainer(
            model=self._model,
            args=TrainingArguments(
                output_dir=str(self._out),
                per_device_train_batch_size=len(micro_batches[0]),
                gradient_accumulation_steps=len(micro_batches),
                num_train_epochs=1,
                learning_rate=self._params.learning_rate.connector,
                weight_decay=self._params.weight_decay,
                bf16=self._params.precision == "bf16",
                use_cpu=self._params.device == "cpu",
                # The order is drawn already, so that all ways see the same micro-batches.
                train_sampling_strategy="sequential",
                remove_unused_columns=False,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
            ),
            train_dataset=[index for indices in micro_batches for index in indices],
            data_collator=self._collate,
            callbacks=[clock],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        # A Trainer and its optimiser refer to each other.
        del trainer
        gc.collect()
        return clock.seconds

    def _collate(self, indices: list[int]) -> dict[str, torch.Tensor]:
        batch = self._samples.batch(indices)
        longest = batch.tensors["input_ids"].shape[1]
        mask = torch.arange(longest) < torch.tensor(batch.lengths)[:, None]
        return batch.tensors | {"attention_mask": mask.long()}


class _Clock(TrainerCallback):
    """Seconds from the first micro-batch to the end of training."""

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        """See TrainerCallback."""
        self._started = time.monotonic()

    def on_train_end(self, *_: Any, **__: Any) -> None:
        """See TrainerCallback."""
        self.seconds = time.monotonic() - self._started
