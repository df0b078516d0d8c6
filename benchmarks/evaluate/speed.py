"""Evaluation's speed on multiple choice beside one-by-one ``generate``: ``python -m benchmarks.evaluate.speed``.

One by one is what lmms-eval does unless it is told otherwise: each question through the processor and ``generate`` on
its own. The ways take turns in one process with one model of the recipe's shapes and random weights, which would answer
without end: both stop after as many tokens as a letter and the end of a turn take.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.evaluate.questions import draw_questions
from benchmarks.training.setting import SIZES, Size, recipe, stand_ins
from components.evaluate.models.loaded import Loaded
from components.evaluate.models.loading import load_prepared, prepare
from components.evaluate.models.spec import Device, ModelSpec, Precision
from components.evaluate.predict.answerer import Answerer
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.model.assembling import assemble
from components.model.loading import save_model
from components.stages.paths import SCRATCH

_ANSWER_TOKENS = 2
_LIMITS = Limits(_ANSWER_TOKENS, _ANSWER_TOKENS)
_SETS = {"K-MMBench: four rotations a picture": 4, "one question a picture": 1}


@dataclass(frozen=True)
class Way:
    """A way of answering all questions."""

    name: str
    answer: Callable[[Sequence[Question]], None]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full", help="of the backbones (default: full)")
    parser.add_argument("--rounds", type=int, default=3, help="after a short one to warm up (default: 3)")
    parser.add_argument("--questions", type=int, default=32, help="of a set (default: 32)")
    parser.add_argument("--batch", type=int, default=16, help="that are answered at once (default: 16)")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16", help="(default: bf16)")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu", help="(default: cpu)")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        loaded = _model(Path(folder), arguments.size, arguments.precision, arguments.device)
        table = _table(arguments.precision, arguments.device)
        for name, per_picture in _SETS.items():
            questions = draw_questions(arguments.questions // per_picture, per_picture, seed=17)
            _report(table, name, _measure(loaded, questions, arguments.batch, arguments.rounds), len(questions))
        Console(width=120).print(table)


def _scratch() -> Path:
    SCRATCH.mkdir(exist_ok=True)
    return SCRATCH


def _model(folder: Path, size: Size, precision: Precision, device: Device) -> Loaded:
    params = recipe(folder)
    model, processor = assemble(stand_ins(size, params.seed), params.model, params.seed, torch.bfloat16)
    save_model(model, processor, folder / "model")
    del model
    spec = ModelSpec("random", f"folder:{folder / 'model'}", "own", precision, device)
    return load_prepared(spec, prepare(spec, folder))


def _measure(loaded: Loaded, questions: Sequence[Question], batch: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each round, by way."""
    ways = [_one_by_one(loaded), _batched(loaded, batch)]
    for way in ways:
        way.answer(questions[:2])
    times: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            start = time.perf_counter()
            way.answer(questions)
            times[way.name].append(time.perf_counter() - start)
    return times


def _one_by_one(loaded: Loaded) -> Way:
    """As lmms-eval's adapters for transformers' models do."""

    @torch.inference_mode()
    def answer(questions: Sequence[Question]) -> None:
        for question in questions:
            text = loaded.chat(question.prompt, has_image=True)
            inputs = loaded.processor(images=[[question.image]], text=[text], return_tensors="pt")
            inputs = inputs.to(loaded.model.device, dtype=loaded.dtype)
            new = loaded.model.generate(**inputs, do_sample=False, max_new_tokens=_ANSWER_TOKENS)
            loaded.processor.batch_decode(new[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)

    return Way("one by one", answer)


def _batched(loaded: Loaded, batch: int) -> Way:
    """As stage evaluate's actors do; a fresh answerer each time, as pictures' features are kept within one."""

    def answer(questions: Sequence[Question]) -> None:
        answerer = Answerer(loaded, _LIMITS)
        for start in range(0, len(questions), batch):
            answerer.answer(questions[start : start + batch])

    return Way("stage evaluate", answer)


def _table(precision: str, device: str) -> Table:
    table = Table(title=f"Multiple choice, {precision}, {device}, medians of rounds; ratios within a round")
    for column in ("questions", "way", "samples/s", "x one by one"):
        table.add_column(column)
    return table


def _report(table: Table, name: str, times: dict[str, list[float]], count: int) -> None:
    first = next(iter(times.values()))
    for way, seconds in times.items():
        ratio = median(one / other for one, other in zip(first, seconds, strict=True))
        table.add_row(name, way, f"{count / median(seconds):.3f}", f"{ratio:.2f}")


if __name__ == "__main__":
    main()
