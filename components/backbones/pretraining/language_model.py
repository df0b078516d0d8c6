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

_HIDDEN = 160
_PARTS = 3


@dataclass(frozen=True)
class LanguageModelPlan:
    """How long and how fast the language model learns."""

    steps: int = 2200
    batch: int = 48
    peak_learning_rate: float = 2.5e-3
    three_options_at: float = 0.12
    four_options_at: float = 0.25
    log_every: int = 50
    save_every: int = 200


def language_config(tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    """A Llama of 1.7 M parameters with tied embeddings; as in the real one, heads x head_dim is not the hidden size.

    ``initializer_range`` is about 1/sqrt(hidden): the usual 0.02 is meant for wide models, and in a narrow one
    attention never forms.
    """
    return LlamaConfig(
        vocab_size=(len(tokenizer) + 63) // 64 * 64,
        hidden_size=_HIDDEN,
        intermediate_size=448,
        num_hidden_layers=5,
        num_attention_heads=8,
        num_key_value_heads=4,
        head_dim=24,
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
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
    point = scratch / "language_model.pt"
    state = load_point(point, model, optimizer)
    start, digest = state["step"], state.get("digest", "")
    columns = ("step", "loss", "learning_rate", "letter_accuracy", "validation_letter_accuracy")
    curve = Curve(curves / "language_model.csv", columns, resume=start > 0)
    model.train()
    total = 0.0
    for step in range(start, plan.steps):
        corpus = Corpus(tokenizer, seed=seed * 1_000_003 + step)
        batch = [corpus.sample(_options(plan, step)) for _ in range(plan.batch)]
        digest = hashlib.sha256((digest + repr(batch)).encode()).hexdigest()
        rate = learning_rate(step, plan.steps, plan.peak_learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _backward(model, batch)
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
    letters = torch.isin(targets, torch.tensor(tokenizer.convert_tokens_to_ids(list("ABCD"))))
    model.train()
    return float((logits.argmax(-1) == targets)[letters].float().mean())


def _options(plan: LanguageModelPlan, step: int) -> int:
    """Lettered choice is learnt with two options first, then three, then four; at once it is never learnt."""
    done = step / plan.steps
    return 2 if done < plan.three_options_at else 3 if done < plan.four_options_at else 4


def _backward(model: LlamaForCausalLM, batch: list[Sample]) -> float:
    """Mean loss over the batch's answer tokens, with gradients; samples of like length go together."""
    batch = sorted(batch, key=lambda sample: len(sample.ids))
    answered = sum(label != IGNORED for sample in batch for label in sample.labels)
    part = (len(batch) + _PARTS - 1) // _PARTS
    total = 0.0
    for start in range(0, len(batch), part):
        logits, targets = _answers(model, batch[start : start + part])
        loss = functional.cross_entropy(logits, targets, reduction="sum") / answered
        loss.backward()
        total += loss.item()
    return total


def _answers(model: LlamaForCausalLM, batch: list[Sample]) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (answer tokens, vocabulary) and targets (answer tokens): only these pass through the large head."""
    longest = max(len(sample.ids) for sample in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    labels = torch.full((len(batch), longest), IGNORED)
    for row, sample in enumerate(batch):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        labels[row, : len(sample.labels)] = torch.tensor(sample.labels)
    # Padding stands on the right, where causal attention never sees it: no mask is needed.
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    wanted = labels[:, 1:] != IGNORED
    return model.lm_head(hidden[:, :-1][wanted]), labels[:, 1:][wanted]
