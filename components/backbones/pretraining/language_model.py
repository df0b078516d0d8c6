"""Pretraining of the demo's language model: a small Llama that answers questions about described scenes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from components.backbones.pretraining.corpus import IGNORED, Corpus, Sample
from components.backbones.pretraining.progress import Curve, learning_rate, load_point, save_point
from components.backbones.pretraining.tokenizer import IM_END
from components.prompts.choice import LETTERS

_HIDDEN = 128
_PARTS = 2
_BACK = 0.35
_TEXT_WEIGHT, _LETTER_WEIGHT = 0.15, 8.0
"""Weight of what is not an answer: descriptions and questions teach copying, but options are noise.
A letter is one token among the many of its sample: with the weight of any other, choosing is never learnt."""


@dataclass(frozen=True)
class LanguageModelPlan:
    """How long and how fast the language model learns."""

    steps: int = 3600
    batch: int = 24
    peak_learning_rate: float = 2.5e-3
    three_options_at: float = 0.6
    four_options_at: float = 0.7
    log_every: int = 100
    save_every: int = 200


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
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def pretrain_language_model(
    tokenizer: PreTrainedTokenizerFast, plan: LanguageModelPlan, seed: int, scratch: Path, curves: Path
) -> tuple[LlamaForCausalLM, str]:
    """Train on scenes of the train split; restarts from ``scratch`` where a run was cut short.

    Returns the model and the digest of all that it was trained on.
    """
    torch.manual_seed(seed)
    model = LlamaForCausalLM(language_config(tokenizer))
    _look_back(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
    point = scratch / "language_model.pt"
    state = load_point(point, model, optimizer)
    start, digest = state["step"], state.get("digest", "")
    columns = ("step", "loss", "learning_rate", "letter_accuracy", "validation_letter_accuracy")
    curve = Curve(curves / "language_model.csv", columns, resume=start > 0)
    letters = torch.tensor(tokenizer.convert_tokens_to_ids(list(LETTERS)))
    model.train()
    total = 0.0
    for step in range(start, plan.steps):
        corpus = Corpus(tokenizer, seed=seed * 1_000_003 + step)
        batch = [corpus.sample(_options(plan, step)) for _ in range(plan.batch)]
        digest = hashlib.sha256((digest + repr(batch)).encode()).hexdigest()
        rate = learning_rate(step, plan.steps, plan.peak_learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _backward(model, batch, letters)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss
        if (step + 1) % plan.log_every == 0:
            seen, held_out = (letter_accuracy(model, tokenizer, seed + step, s) for s in ("train", "validation"))
            curve.add(step + 1, total / plan.log_every, rate, seen, held_out)
            total = 0.0
        if (step + 1) % plan.save_every == 0:
            save_point(point, step + 1, model, optimizer, digest=digest)
    model.generation_config = GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=[tokenizer.convert_tokens_to_ids(IM_END), tokenizer.eos_token_id],
        pad_token_id=tokenizer.pad_token_id,
    )
    return model.eval(), digest


@torch.no_grad()
def letter_accuracy(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, seed: int, split: str, count: int = 64
) -> float:
    """Share of lettered questions (four options) whose letter the model puts first."""
    model.eval()
    corpus = Corpus(tokenizer, seed, split)
    batch = [corpus.lettered()[0] for _ in range(count)]
    logits, targets = _answers(model, batch)
    letters = torch.isin(targets, torch.tensor(tokenizer.convert_tokens_to_ids(list(LETTERS))))
    model.train()
    return float((logits.argmax(-1) == targets)[letters].float().mean())


def _look_back(model: LlamaForCausalLM) -> None:
    """Start with heads that look one or two tokens back, and heads that look for the same token.

    Copying and comparing are made of these two, and a small model finds them late by itself. A head whose query and
    key weights are equal attends to equal tokens (after Trockman and Kolter, arXiv:2305.09828); a head whose query is
    its key turned by as many positions as it is to look back attends there, on a direction that all tokens share.
    """
    config = model.config
    width, queries = config.head_dim, config.num_attention_heads // config.num_key_value_heads
    rates = _rates(config)
    with torch.no_grad():
        shared = torch.nn.functional.normalize(torch.randn(config.hidden_size), dim=0)
        model.model.embed_tokens.weight += shared
        for index, layer in enumerate(model.model.layers):
            query, key = layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight
            for head in range(config.num_attention_heads):
                source = head // queries
                rows, source_rows = (slice(h * width, (h + 1) * width) for h in (head, source))
                query[rows] = key[source_rows]
                if index == 0 and source == 0:
                    key[source_rows] = _BACK * torch.outer(torch.ones(width), shared)
                    query[rows] = _turned(key[source_rows], -1 - head % queries, rates)


def _rates(config: LlamaConfig) -> torch.Tensor:
    """Angle a position of each pair of a head's dimensions (rotary positions, arXiv:2104.09864)."""
    half = config.head_dim // 2
    return config.rope_parameters["rope_theta"] ** (-torch.arange(half) / half)


def _turned(weight: torch.Tensor, positions: int, rates: torch.Tensor) -> torch.Tensor:
    """Rows of a head's weight turned as the rotary embedding turns them; dimension i is paired with i + half."""
    cos, sin = (rates * positions).cos()[:, None], (rates * positions).sin()[:, None]
    first, second = weight.chunk(2)
    return torch.cat((first * cos - second * sin, second * cos + first * sin))


def _options(plan: LanguageModelPlan, step: int) -> int:
    """Lettered choice is learnt with two options first, then three, then four; at once it is never learnt."""
    done = step / plan.steps
    return 2 if done < plan.three_options_at else 3 if done < plan.four_options_at else 4


def _backward(model: LlamaForCausalLM, batch: list[Sample], letters: torch.Tensor) -> float:
    """Mean loss over the batch's answer tokens, with gradients; samples of like length go together."""
    batch = sorted(batch, key=lambda sample: len(sample.ids))
    answered = sum(label != IGNORED for sample in batch for label in sample.labels)
    written = sum(len(sample.ids) for sample in batch) - answered
    part = (len(batch) + _PARTS - 1) // _PARTS
    total = 0.0
    for start in range(0, len(batch), part):
        ids, labels = _pad(batch[start : start + part])
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
        losses = functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
        is_answer = labels[:, 1:] != IGNORED
        is_text = (ids[:, 1:] != 0) & ~is_answer
        weights = 1 + (_LETTER_WEIGHT - 1) * torch.isin(ids[:, 1:], letters)
        answers = losses[is_answer].sum() / answered
        weighted = (losses * weights)[is_answer].sum() / answered
        (weighted + _TEXT_WEIGHT * losses[is_text].sum() / written).backward()
        total += answers.item()
    return total


def _answers(model: LlamaForCausalLM, batch: list[Sample]) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (answer tokens, vocabulary) and targets (answer tokens)."""
    ids, labels = _pad(batch)
    wanted = labels[:, 1:] != IGNORED
    return model(input_ids=ids, use_cache=False).logits[:, :-1][wanted], labels[:, 1:][wanted]


def _pad(batch: list[Sample]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels (batch, length). Padding stands on the right, where causal attention never sees it."""
    longest = max(len(sample.ids) for sample in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    labels = torch.full((len(batch), longest), IGNORED)
    for row, sample in enumerate(batch):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        labels[row, : len(sample.labels)] = torch.tensor(sample.labels)
    return ids, labels
