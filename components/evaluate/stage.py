"""The stage from models and items to scores."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from components.cluster.session import ray_session
from components.evaluate.digests import items_digest
from components.evaluate.items import read_items
from components.evaluate.layouts import layout_of
from components.evaluate.paths import Paths
from components.evaluate.pool import answer_open
from components.evaluate.predict import Task, predict
from components.evaluate.predictions import DTYPES, Provenance
from components.evaluate.score import score, speed_file
from components.evaluate.speed import measure_speed
from components.files.atomic import new_folder, write_json
from components.files.digest import folder_digest
from components.params.schema import Evaluate, Params


def run(params: Params, paths: Paths) -> None:
    """Let every subject answer every benchmark, then score."""
    settings = params.evaluate
    files = paths.benchmark_files()
    with ray_session(), new_folder(paths.predictions) as out:
        for subject in settings.subjects:
            _answer(subject, files, settings, paths, out)
    score(params, paths)


def _answer(subject: str, files: dict[str, Path], settings: Evaluate, paths: Paths, out: Path) -> None:
    model = paths.model(subject)
    if not (model / "config.json").is_file():
        raise FileNotFoundError(f"no model in {model}: run `dvc repro {subject}`, or leave it out of evaluate.subjects")
    answer = partial(
        answer_open,
        model=model,
        batch=settings.batch,
        max_new_tokens=settings.max_new_tokens,
        actors=settings.actors,
        device=settings.device,
    )
    predict(_tasks(files, folder_digest(model), settings), answer, paths.scratch, out / subject)
    timings = measure_speed(model, list(files.values()), settings.device, settings.speed)
    write_json(speed_file(out, subject), timings)


def _tasks(files: dict[str, Path], weights: str, settings: Evaluate) -> list[Task]:
    tasks = []
    for name, file in files.items():
        provenance = Provenance(
            items=items_digest(file),
            prompt=layout_of(read_items(file), name).prompt_version,
            decoding=f"greedy, at most {settings.max_new_tokens} new tokens",
            weights=weights,
            dtype=DTYPES[settings.device],
        )
        tasks.append(Task(name, file, provenance))
    return tasks
