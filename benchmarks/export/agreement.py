"""How near bundles come to transformers at the recipe's shapes, with random weights.

``python -m benchmarks.export.agreement`` compares logits of texts about pictures, where the texts are: how often the
most likely token is the same, and how far distributions are apart; and image tokens, by their cosine. What the language
model alone loses is told by giving it the original's image tokens.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from benchmarks.export import setting
from benchmarks.export.prepare import WANTED, path_of, prepare
from benchmarks.training.setting import SIZES
from components.bundles.parts import Parts
from components.bundles.parts_of import open_parts
from components.export.original import Original
from components.files.atomic import write_json
from components.model.loading import load_model

_SEED = 23
_TEXT_TOKENS = 96
_BUNDLES = ("openvino-fp16", "openvino-int8", "openvino-int4", "gguf-bf16", "gguf-q8_0", "gguf-q4_k_m")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full", help="of the backbones (default: full)")
    parser.add_argument("--work", type=Path, default=setting.WORK, help=f"folder for files (default: {setting.WORK})")
    parser.add_argument("--texts", type=int, default=8, help="each with a picture and 96 tokens (default: 8)")
    parser.add_argument("--bundles", nargs="+", choices=_BUNDLES, default=_BUNDLES, help="(default: all)")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    work = arguments.work / arguments.size
    reasons = prepare(work, arguments.size, arguments.bundles)
    texts = _texts(work, arguments.texts)
    found = {name: _compare(work, name, texts) for name in arguments.bundles if name not in reasons}
    write_json(work / "agreement.json", found)
    console = Console(width=120)
    console.print(_table(found, sum(len(text["logits"]) for text in texts)))
    for name, reason in reasons.items():
        console.print(f"not run: {name}: {reason}")


def _texts(work: Path, count: int) -> list[dict[str, Any]]:
    """Pictures with ids of a text, and what the model in fp32 makes of them; the model is freed."""
    model, processor = load_model(work / setting.MODEL, dtype=torch.float32)
    config = model.config
    original, rng = Original(model, processor), np.random.default_rng(_SEED)
    texts = []
    for picture in setting.pictures(count, config.vision_config.image_size, _SEED):
        ids = [config.image_token_index] * config.image_seq_length
        ids += rng.choice(setting.LEARNT_IDS, _TEXT_TOKENS).tolist()
        features = original.features(picture)
        logits = original.logits(ids, features, first=config.image_seq_length)
        texts.append({"picture": picture, "ids": ids, "features": features, "logits": logits})
    return texts


def _compare(work: Path, name: str, texts: list[dict[str, Any]]) -> dict[str, float]:
    parts = open_parts(path_of(work, name), WANTED[name].format, os.cpu_count())
    measured = list(_measure(parts, texts))
    return {key: float(np.mean(np.concatenate([one[key] for one in measured]))) for key in measured[0]}


def _measure(parts: Parts, texts: list[dict[str, Any]]) -> Iterator[dict[str, np.ndarray]]:
    for text in texts:
        own = parts.features(text["picture"])
        given, alone = text["features"], text["logits"]
        first = len(text["ids"]) - len(alone)
        from_given = parts.logits(text["ids"], given, first)
        from_own = parts.logits(text["ids"], own.astype(np.float32), first)
        yield {
            "features_cosine": _cosine(own, given),
            "language_top1": _same(from_given, alone),
            "language_kl": _divergence(alone, from_given),
            "both_top1": _same(from_own, alone),
            "both_kl": _divergence(alone, from_own),
            "entropy": -(np.exp(_log_softmax(alone)) * _log_softmax(alone)).sum(-1),
            "top_probability": np.exp(_log_softmax(alone)).max(-1),
        }


def _cosine(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one * other).sum(-1) / (np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1))


def _same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return one.argmax(-1) == other.argmax(-1)


def _divergence(original: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Kullback-Leibler divergence in nats, a position."""
    expected = _log_softmax(original)
    return (np.exp(expected) * (expected - _log_softmax(other))).sum(-1)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _table(found: Mapping[str, Mapping[str, float]], positions: int) -> Table:
    table = Table(title=f"Against transformers in fp32, over {positions} positions")
    for column in ("bundle", "image tokens: cosine", "language: same top 1", "KL", "both: same top 1", "KL"):
        table.add_column(column)
    for name, row in found.items():
        table.add_row(
            name,
            f"{row['features_cosine']:.6f}",
            f"{row['language_top1']:.2%}",
            f"{row['language_kl']:.2e}",
            f"{row['both_top1']:.2%}",
            f"{row['both_kl']:.2e}",
        )
    return table


if __name__ == "__main__":
    main()
