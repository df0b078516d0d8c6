"""One model's answers to all benchmarks, stored by what they depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from components.benchmarks.catalogue import find_benchmark
from components.evaluate.digests import item_keys, items_digest
from components.evaluate.items import read_items
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.answer import answer_open
from components.evaluate.predict.code import answering_code
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.predictions import Provenance
from components.evaluate.predict.run import Task, predict
from components.params.evaluation import Evaluate

if TYPE_CHECKING:
    from components.evaluate.predict.encodings import Encodings


@dataclass(frozen=True)
class Asked:
    """A benchmark's questions, read and hashed once for all models."""

    name: str
    file: Path
    keys: dict[str, str]
    """Digest of prompt and picture by item id."""
    prompt_version: str
    answers: str
    """As benchmarks declare them: letter or text."""


def read_asked(name: str, file: Path) -> Asked:
    """A benchmark's questions from its file."""
    items = read_items(file)
    answers = find_benchmark(items["layout"].iloc[0]).answers
    return Asked(name, file, item_keys(file), items["prompt_version"].iloc[0], answers)


def answer_all(
    spec: ModelSpec,
    place: Place,
    asked: Sequence[Asked],
    settings: Evaluate,
    scratch: Path,
    out: Path,
    encodings: Encodings | None = None,
    threads: int | None = None,
) -> None:
    """Let a model answer what is not answered yet, then write a file a benchmark into ``out``.

    Needs a Ray session where one process is not enough (components.cluster.machine).

    Args:
        spec: the model.
        place: its files.
        asked: the benchmarks.
        settings: how long answers may get, how many at once, by how many actors.
        scratch: answers as they come, from which a run that was cut short goes on.
        out: folder.
        encodings: what other models' encoders made of the pictures.
        threads: that this process computes with; None: one a core.
    """
    limits = Limits(text=settings.max_new_tokens, letter=settings.letter_tokens)
    answer = partial(
        answer_open,
        spec=spec,
        place=place,
        limits=limits,
        batch=settings.batch,
        actors=settings.actors,
        encodings=encodings,
        threads=threads,
    )
    code = answering_code(spec, place)
    predict(spec.name, [_task(one, spec, place, limits, code) for one in asked], answer, scratch, out)


def _task(asked: Asked, spec: ModelSpec, place: Place, limits: Limits, code: str) -> Task:
    provenance = Provenance(
        items=items_digest(asked.keys),
        prompt=asked.prompt_version,
        decoding=limits.decoding(asked.answers),
        weights=place.digest,
        precision=spec.precision,
        system=spec.system or "",
    )
    return Task(asked.name, asked.file, asked.keys, provenance, asked.answers == "letter", code)
