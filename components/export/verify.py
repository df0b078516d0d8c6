"""Reload a bundle in a fresh process and compare it with the model that it was made from.

``python -m components.export.verify --model M --bundle B --benchmarks D --items N --new-tokens T --rounds R --out F``
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from statsmodels.stats.proportion import proportion_confint

from components.export.items import Item, agreement_items
from components.export.runtime import Bundle
from components.files.atomic import write_json
from components.model.loading import load_model
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor
from components.params.schema import Export


class VerificationFailed(RuntimeError):
    """The fresh process did not end well."""


class Original:
    """The unquantised model, asked in the same way as a bundle."""

    def __init__(self, model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor) -> None:
        self._model, self._processor = model.eval(), processor

    @torch.no_grad()
    def tokens(self, prompt: list[int], image: Image.Image | None, count: int, stop: bool = True) -> list[int]:
        """New ids, greedily; without ``stop``, exactly ``count``."""
        limits = {"max_new_tokens": count} if stop else {"max_new_tokens": count, "min_new_tokens": count}
        output = self._model.generate(**self._inputs(prompt, image), do_sample=False, **limits)
        ends = set(self._model.generation_config.eos_token_id)
        new = output[0, len(prompt) :].tolist()
        return [token for token in new if not stop or token not in ends]

    @torch.no_grad()
    def logits(self, ids: list[int], image: Image.Image | None) -> torch.Tensor:
        """Logits (1, length, vocabulary)."""
        return self._model(**self._inputs(ids, image)).logits

    def _inputs(self, ids: list[int], image: Image.Image | None) -> dict[str, torch.Tensor]:
        inputs = {"input_ids": torch.tensor([ids]), "attention_mask": torch.ones(1, len(ids), dtype=torch.long)}
        if image is not None:
            pixels = self._processor.image_processor([image], return_tensors="np")["pixel_values"]
            inputs["pixel_values"] = torch.as_tensor(pixels)
        return inputs


def verify_in_fresh_process(model: Path, bundle: Path, benchmarks: Path, params: Export, out: Path) -> dict[str, Any]:
    """Run this module as a program of its own and read what it found.

    Raises:
        VerificationFailed: with the last lines of the program's output.
    """
    numbers = {"items": params.agreement_items, "new-tokens": params.new_tokens, "rounds": params.rounds}
    paths = {"model": model, "bundle": bundle, "benchmarks": benchmarks, "out": out}
    options = [part for key, value in {**paths, **numbers}.items() for part in (f"--{key}", str(value))]
    command = [sys.executable, "-m", "components.export.verify", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise VerificationFailed(f"the bundle does not run in a fresh process:\n{done.stdout[-2000:]}")
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def agreement(original: Original, bundle: Bundle, items: list[Item], new_tokens: int) -> dict[str, Any]:
    """Share of equal answers (with a 95 % Wilson interval), and of equal first choices along the original's answers."""
    same, equal, compared = 0, 0, 0
    for item in items:
        prompt = bundle.prompt_ids(item.question, item.picture is not None)
        told = original.tokens(prompt, item.picture, new_tokens)
        same += told == list(bundle.tokens(prompt, item.picture, new_tokens))
        first = len(prompt) - 1
        ours = bundle.logits(prompt + told, item.picture)[0, first:].argmax(-1)
        theirs = original.logits(prompt + told, item.picture)[0, first:].argmax(-1).numpy()
        equal += int((ours == theirs).sum())
        compared += len(ours)
    low, high = proportion_confint(same, len(items), method="wilson")
    return {"items": len(items), "same_answer": same / len(items), "low": low, "high": high, "top1": equal / compared}


def speed(original: Original, bundle: Bundle, item: Item, new_tokens: int, rounds: int) -> dict[str, Any]:
    """Medians over alternating rounds, after one round of warm-up: both meet the same noise."""
    prompt = bundle.prompt_ids(item.question, item.picture is not None)
    runs: dict[str, Callable[[int], object]] = {
        "bundle": lambda count: list(bundle.tokens(prompt, item.picture, count, stop=False)),
        "transformers": lambda count: original.tokens(prompt, item.picture, count, stop=False),
    }
    first: dict[str, list[float]] = {name: [] for name in runs}
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            one, many = _seconds(run, 1), _seconds(run, new_tokens)
            if number:
                first[name].append(one * 1000)
                rates[name].append((new_tokens - 1) / max(many - one, 1e-6))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    return {
        "bundle_tokens_per_second": medians["bundle"],
        "transformers_tokens_per_second": medians["transformers"],
        "ratio": medians["bundle"] / medians["transformers"],
        "first_token_ms": {name: statistics.median(values) for name, values in first.items()},
        "threads": os.cpu_count(),
        "rounds": rounds,
    }


def _seconds(run: Callable[[int], object], count: int) -> float:
    started = time.perf_counter()
    run(count)
    return time.perf_counter() - started


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "bundle", "benchmarks", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name in ("items", "new-tokens", "rounds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    arguments = parser.parse_args()
    original = Original(*load_model(arguments.model, dtype=torch.float32))
    bundle = Bundle.load(arguments.bundle)
    items = agreement_items(arguments.benchmarks, arguments.items)
    found = {
        "agreement": agreement(original, bundle, items, arguments.new_tokens),
        "speed": speed(original, bundle, _with_picture(items), arguments.new_tokens, arguments.rounds),
    }
    write_json(arguments.out, found)


def _with_picture(items: list[Item]) -> Item:
    return next(item for item in items if item.picture is not None)


if __name__ == "__main__":
    main()
