"""Open answers are rated, where params.yaml names a judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from components.benchmarks.benchmark import Benchmark
from components.benchmarks.catalogue import find_benchmark
from components.evaluate.items import read_items
from components.evaluate.judge.cases import Case
from components.evaluate.judge.naming import identity
from components.evaluate.judge.run import judge
from components.evaluate.judge.template import Template, load_template
from components.evaluate.judgements import cases_of, write_judgements
from components.evaluate.paths import Paths
from components.evaluate.predict.predictions import read_predictions
from components.files.atomic import new_folder, write_json
from components.params.evaluation import EndpointJudge, LocalJudge

NO_JUDGE = (
    "no judge: evaluate.judge in params.yaml is null; for example "
    '`judge: {kind: endpoint, base_url: "http://localhost:8000/v1", model: <name>, key_env: null, temperature: 0.0, '
    "max_tokens: 1024, repeats: 1, swap: true, min_coverage: 0.95, timeout_s: 120.0, concurrency: 8, max_attempts: 5, "
    "price: null}`"
)


def check_templates(settings: EndpointJudge | LocalJudge | None, paths: Paths) -> None:
    """Whether every wording that will be needed can be used, before anything is answered.

    Raises:
        TemplateError: naming the file and the field.
    """
    if settings is not None:
        for name in {kind.judge_template for kind in map(_kind, paths.benchmark_files().values())} - {""}:
            load_template(name, settings.templates)


def judge_answers(settings: EndpointJudge | LocalJudge | None, subjects: list[str], paths: Paths) -> None:
    """Rate everyone's answers to every benchmark that wants a judge; replies are kept as they come."""
    with new_folder(paths.judgements) as out:
        used = {}
        for name, file in paths.benchmark_files().items():
            template = _kind(file).judge_template
            if settings is not None and template:
                used[name] = _rate(name, load_template(template, settings.templates), settings, subjects, paths, out)
        write_json(out / "usage.json", used)


def _rate(
    name: str,
    template: Template,
    settings: EndpointJudge | LocalJudge,
    subjects: list[str],
    paths: Paths,
    out: Path,
) -> dict[str, Any]:
    """All models' answers in one go, so that a local judge is loaded once. Gives what it took."""
    items = read_items(paths.benchmark_files()[name])
    cases = [case for subject in subjects for case in _cases(subject, name, items, paths)]
    judged, usage = judge(cases, settings, template, paths.scratch)
    for place, subject in enumerate(subjects):
        own = judged[place * len(items) : (place + 1) * len(items)]
        write_judgements(out / subject / f"{name}.parquet", own, identity(settings, template))
    return {
        "wanted": usage.wanted,
        "known": usage.stored,
        "succeeded": usage.succeeded,
        "failures": dict(usage.failures),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost": usage.cost,
    }


def _cases(subject: str, name: str, items: pd.DataFrame, paths: Paths) -> list[Case]:
    predictions, _ = read_predictions(paths.predictions / subject / f"{name}.parquet")
    return cases_of(items, predictions)


def _kind(file: Path) -> Benchmark:
    return find_benchmark(read_items(file)["layout"].iloc[0])
