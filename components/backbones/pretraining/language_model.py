"""Pretraining of the demo's language model: a small Llama that answers questions about described scenes."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from components.backbones.pretraining.attention_start import start_attention
from components.backbones.pretraining.corpus import IGNORED, Corpus, Sample
from components.backbones.pretraining.description import Describer
from components.backbones.pretraining.lessons import LESSONS, STEPS, Lesson, learning_rate_at, lesson_at
from components.backbones.pretraining.progress import Curve, Record, load_point, save_point
from components.backbones.pretraining.tokenizer import IM_END, IMAGE
from components.prompts.choice import LETTERS
from components.scenes.scene import Split
from components.scenes.vocabulary import CELL_INDEX

_HIDDEN = 128
_PARTS = 2
_ROPE_THETA = 1e6
"""Most dimensions of a head keep still over the length of a sample: names are compared across it."""
_TEXT_WEIGHT = 0.15
"""Weight of what is not an answer: questions teach copying, but options are noise."""


@dataclass(frozen=True)
class LanguageModelPlan:
    """What the language model learns, and for how long."""

    steps: int = STEPS
    lessons: tuple[Lesson, ...] = LESSONS
    log_every: int = 20
    save_every: int = 100


def language_config(tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    """A Llama of 1.1 M parameters with tied embeddings.

    ``initializer_range`` is about 1/sqrt(hidden): the usual 0.02 is meant for wide models, and in a narrow one
    attention never forms.
    """
    return LlamaConfig(
        vocab_size=(len(tokenizer) + 63) // 64 * 64,
        hidden_size=_HIDDEN,
        intermediate_size=384,
        num_hidden_layers=5,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=1024,
        initializer_range=_HIDDEN**-0.5,
        rope_parameters={"rope_type": "default", "rope_theta": _ROPE_THETA},
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def describer_for(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> Describer:
    """A describer that names things by the model's own embeddings."""
    cells = [tokenizer.encode(name, add_special_tokens=False)[0] for name in CELL_INDEX]
    return Describer(model.model.embed_tokens, cells)


class Reader(nn.Module):
    """The language model and what describes pictures to it."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        super().__init__()
        self.model = LlamaForCausalLM(language_config(tokenizer))
        self.describer = describer_for(self.model, tokenizer)
        start_attention(self.model, self.describer.mark)
        self.image = tokenizer.convert_tokens_to_ids(IMAGE)

    def forward(
        self, batch: list[Sample], rng: np.random.Generator | None = None, distorted: bool = False
    ) -> tuple[torch.Tensor, ...]:
        """Logits (n, length - 1, vocabulary), the tokens to predict and their labels (n, length - 1).

        ``rng`` and ``distorted`` are the describer's.
        """
        ids, labels = _pad(batch)
        vectors = self.model.model.embed_tokens(ids)
        patches = [sample.patches for sample in batch if sample.patches]
        if patches:
            vectors = vectors.masked_scatter((ids == self.image)[..., None], self.describer(patches, rng, distorted))
        logits = self.model(inputs_embeds=vectors, use_cache=False).logits
        return logits[:, :-1], ids[:, 1:], labels[:, 1:]


def pretrain_language_model(
    tokenizer: PreTrainedTokenizerFast, plan: LanguageModelPlan, seed: int, scratch: Path, curves: Path
) -> tuple[Reader, Record]:
    """Train on scenes of the train split; restarts from ``scratch`` where a run was cut short.

    Returns the model beside its describer, and the record of its run.
    """
    torch.manual_seed(seed)
    reader = Reader(tokenizer)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
    point = scratch / "language_model.pt"
    state = load_point(point, reader, optimizer)
    start, digest = state["step"], state.get("digest", "")
    began = time.monotonic() - state.get("seconds", 0.0)
    columns = ("step", "loss", "learning_rate", "letter_accuracy", "validation_letter_accuracy")
    curve = Curve(curves / "language_model.csv", columns, start)
    letters = torch.tensor(tokenizer.convert_tokens_to_ids(list(LETTERS)))
    reader.train()
    total = 0.0
    for step in range(start, plan.steps):
        lesson = lesson_at(plan.lessons, step)
        batch = lesson.batch(Corpus(tokenizer, seed * 1_000_003 + step, kinds=lesson.kinds))
        digest = hashlib.sha256((digest + repr([sample.ids for sample in batch])).encode()).hexdigest()
        rate = learning_rate_at(step)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _backward(reader, batch, letters, np.random.default_rng((seed, step)), lesson.distorted)
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss
        if (step + 1) % plan.log_every == 0:
            seen, held_out = (
                letter_accuracy(reader, tokenizer, seed + step, s, lesson) for s in ("train", "validation")
            )
            curve.add(step + 1, total / plan.log_every, rate, seen, held_out)
            total = 0.0
        if (step + 1) % plan.save_every == 0:
            save_point(point, step + 1, reader, optimizer, digest=digest, seconds=time.monotonic() - began)
    model = reader.model
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=[tokenizer.convert_tokens_to_ids(IM_END), tokenizer.eos_token_id],
        pad_token_id=tokenizer.pad_token_id,
    )
    return reader.eval(), Record(digest, time.monotonic() - began)


@torch.no_grad()
def letter_accuracy(
    reader: Reader, tokenizer: PreTrainedTokenizerFast, seed: int, split: Split, lesson: Lesson, count: int = 64
) -> float:
    """Share of lettered questions like those of the lesson whose letter the model puts first."""
    reader.eval()
    corpus = Corpus(tokenizer, seed, split, lesson.kinds)
    logits, _, targets = reader([corpus.lettered(lesson.options)[0] for _ in range(count)])
    letters = torch.isin(targets, torch.tensor(tokenizer.convert_tokens_to_ids(list(LETTERS))))
    reader.train()
    return float((logits.argmax(-1) == targets)[letters].float().mean())


def _backward(
    reader: Reader, batch: list[Sample], letters: torch.Tensor, rng: np.random.Generator, distorted: bool
) -> float:
    """Gradients of the batch's losses; returns the mean over its answer tokens. Samples of like length go together.

    Letters have a mean of their own: one token of many in an answer, their part would drown.
    """
    batch = sorted(batch, key=lambda sample: len(sample.ids))
    labels = torch.cat([torch.tensor(sample.labels) for sample in batch])
    answered, lettered = int((labels != IGNORED).sum()), int(torch.isin(labels, letters).sum())
    written = len(labels) - answered
    part = (len(batch) + _PARTS - 1) // _PARTS
    total = 0.0
    for start in range(0, len(batch), part):
        logits, ids, labels = reader(batch[start : start + part], rng, distorted)
        losses = functional.cross_entropy(logits.transpose(1, 2), ids, reduction="none")
        answers = losses[labels != IGNORED].sum() / answered
        letter = losses[torch.isin(labels, letters)].sum() / max(1, lettered)
        text = losses[(labels == IGNORED) & (ids != 0) & (ids != reader.image)].sum() / written
        (answers + letter + _TEXT_WEIGHT * text).backward()
        total += answers.item()
    return total


def _pad(batch: list[Sample]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels (batch, length). Padding stands on the right, where causal attention never sees it."""
    longest = max(len(sample.ids) for sample in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    labels = torch.full((len(batch), longest), IGNORED)
    for row, sample in enumerate(batch):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        labels[row, : len(sample.labels)] = torch.tensor(sample.labels)
    return ids, labels
