"""The stage from models and items to scores: every model answers, a judge rates, then all is scored and compared."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from components.benchmarks.catalogue import find_benchmark
from components.cluster.session import ray_session
from components.evaluate.digests import item_keys, items_digest
from components.evaluate.items import read_items
from components.evaluate.judging import check_templates, judge_answers
from components.evaluate.latency.measure import measure_speed
from components.evaluate.models.loading import prepare
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.paths import Paths
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.pool import answer_open
from components.evaluate.predict.predictions import Provenance
from components.evaluate.predict.run import Task, predict
from components.evaluate.score import score, speed_file
from components.evaluate.subjects import model_specs, subject_names
from components.files.atomic import new_folder, write_json
from components.params.evaluation import Evaluate
from components.params.schema import Params
from components.stages.quiet import quiet_libraries

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Asked:
    """A benchmark's questions, read and hashed once for all models."""

    name: str
    file: Path
    keys: dict[str, str]
    """Digest of prompt and picture by item id."""
    prompt_version: str
    answers: str
    """As benchmarks declare them: letter or text."""


def run(params: Params, paths: Paths) -> None:
    """Let every model answer every benchmark, then score."""
    quiet_libraries()
    settings = params.evaluate
    files = paths.benchmark_files()
    check_templates(settings.judge, paths)
    with ray_session(show_workers=False), new_folder(paths.predictions) as out:
        models = [(spec, prepare(spec, paths.scratch.resolve())) for spec in model_specs(settings, paths)]
        asked = [_read(name, file) for name, file in files.items()]
        for spec, place in models:
            _answer(spec, place, asked, settings, paths.scratch, out)
        _log.info("timing answers of %s", ", ".join(spec.name for spec, _ in models))
        timings = measure_speed(models, list(files.values()), settings.batch, settings.speed)
        for name, measured in timings.items():
            write_json(speed_file(out, name), measured)
    judge_answers(settings.judge, subject_names(settings), paths)
    score(params, paths)


def _answer(
    spec: ModelSpec, place: Place, asked: Sequence[_Asked], settings: Evaluate, scratch: Path, out: Path
) -> None:
    limits = Limits(text=settings.max_new_tokens, letter=settings.letter_tokens)
    answer = partial(answer_open, spec=spec, place=place, limits=limits, batch=settings.batch, actors=settings.actors)
    predict(spec.name, [_task(one, spec, place, limits) for one in asked], answer, scratch, out / spec.name)


def _read(name: str, file: Path) -> _Asked:
    items = read_items(file)
    answers = find_benchmark(items["layout"].iloc[0]).answers
    return _Asked(name, file, item_keys(file), items["prompt_version"].iloc[0], answers)


def _task(asked: _Asked, spec: ModelSpec, place: Place, limits: Limits) -> Task:
    provenance = Provenance(
        items=items_digest(asked.keys),
        prompt=asked.prompt_version,
        decoding=limits.decoding(asked.answers),
        weights=place.digest,
        precision=spec.precision,
        system=spec.system or "",
    )
    return Task(asked.name, asked.file, asked.keys, provenance, asked.answers == "letter")
