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
from components.backbones.pretraining.progress import Curve, Record, learning_rate, load_point, save_point
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
    """How long and how fast the language model learns.

    Captions come first: a narrow model that has not learnt to name what it sees learns neither to answer nor to
    choose. Then come dialogues and lettered questions side by side; of letters alone, nothing is learnt.
    """

    steps: int = 2300
    caption_steps: int = 300
    captions: int = 64
    dialogues: int = 16
    lettered: int = 20
    peak_learning_rate: float = 2.5e-3
    three_options_at: int = 700
    four_options_at: int = 900
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


class Reader(nn.Module):
    """The language model and what describes pictures to it."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        super().__init__()
        self.model = LlamaForCausalLM(language_config(tokenizer))
        cells = [tokenizer.encode(name, add_special_tokens=False)[0] for name in CELL_INDEX]
        self.describer = Describer(self.model.model.embed_tokens, cells)
        start_attention(self.model, self.describer.mark)
        self.image = tokenizer.convert_tokens_to_ids(IMAGE)

    def forward(self, batch: list[Sample], rng: np.random.Generator | None = None) -> tuple[torch.Tensor, ...]:
        """Logits (n, length - 1, vocabulary), the tokens to predict and their labels (n, length - 1).

        With ``rng``, descriptions have faults.
        """
        ids, labels = _pad(batch)
        vectors = self.model.model.embed_tokens(ids)
        patches = [sample.patches for sample in batch if sample.patches]
        if patches:
            vectors = vectors.masked_scatter((ids == self.image)[..., None], self.describer(patches, rng))
        logits = self.model(inputs_embeds=vectors, use_cache=False).logits
        return logits[:, :-1], ids[:, 1:], labels[:, 1:]


def pretrain_language_model(
    tokenizer: PreTrainedTokenizerFast, plan: LanguageModelPlan, seed: int, scratch: Path, curves: Path
) -> tuple[LlamaForCausalLM, Record]:
    """Train on scenes of the train split; restarts from ``scratch`` where a run was cut short.

    Returns the model and the record of its run.
    """
    torch.manual_seed(seed)
    reader = Reader(tokenizer)
    optimizer = torch.optim.AdamW(reader.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
    point = scratch / "language_model.pt"
    state = load_point(point, reader, optimizer)
    start, digest = state["step"], state.get("digest", "")
    began = time.monotonic() - state.get("seconds", 0.0)
    columns = ("step", "loss", "learning_rate", "letter_accuracy", "validation_letter_accuracy")
    curve = Curve(curves / "language_model.csv", columns, resume=start > 0)
    letters = torch.tensor(tokenizer.convert_tokens_to_ids(list(LETTERS)))
    reader.train()
    total = 0.0
    for step in range(start, plan.steps):
        batch = _batch(Corpus(tokenizer, seed=seed * 1_000_003 + step), plan, step)
        digest = hashlib.sha256((digest + repr([sample.ids for sample in batch])).encode()).hexdigest()
        rate = learning_rate(step, plan.steps, plan.peak_learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _backward(reader, batch, letters, np.random.default_rng((seed, step)))
        torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss
        if (step + 1) % plan.log_every == 0:
            options = _options(plan, step)
            seen, held_out = (
                letter_accuracy(reader, tokenizer, seed + step, s, options=options) for s in ("train", "validation")
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
    return model.eval(), Record(digest, time.monotonic() - began)


def _batch(corpus: Corpus, plan: LanguageModelPlan, step: int) -> list[Sample]:
    options = _options(plan, step)
    if step < plan.caption_steps:
        return [corpus.caption() for _ in range(plan.captions)]
    dialogues = [corpus.sample(options) for _ in range(plan.dialogues)]
    return dialogues + [corpus.lettered(options)[0] for _ in range(plan.lettered)]


@torch.no_grad()
def letter_accuracy(
    reader: Reader, tokenizer: PreTrainedTokenizerFast, seed: int, split: Split, count: int = 64, options: int = 4
) -> float:
    """Share of lettered questions whose letter the model puts first."""
    reader.eval()
    corpus = Corpus(tokenizer, seed, split)
    logits, _, targets = reader([corpus.lettered(options)[0] for _ in range(count)])
    letters = torch.isin(targets, torch.tensor(tokenizer.convert_tokens_to_ids(list(LETTERS))))
    reader.train()
    return float((logits.argmax(-1) == targets)[letters].float().mean())


def _options(plan: LanguageModelPlan, step: int) -> int:
    """Lettered choice is learnt with two options first, then three, then four; at once it is never learnt."""
    return 2 if step < plan.three_options_at else 3 if step < plan.four_options_at else 4


def _backward(reader: Reader, batch: list[Sample], letters: torch.Tensor, rng: np.random.Generator) -> float:
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
        logits, ids, labels = reader(batch[start : start + part], rng)
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
