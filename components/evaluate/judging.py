"""Open answers are rated, where params.yaml names a judge."""

from __future__ import annotations

from pathlib import Path

from components.benchmarks.catalogue import find_benchmark
from components.evaluate.items import read_items
from components.evaluate.judge.naming import identity
from components.evaluate.judge.run import judge
from components.evaluate.judge.template import load_template
from components.evaluate.judgements import cases_of, write_judgements
from components.evaluate.paths import Paths
from components.evaluate.predict.predictions import read_predictions
from components.files.atomic import new_folder
from components.params.evaluation import EndpointJudge, LocalJudge

NO_JUDGE = (
    "no judge: evaluate.judge in params.yaml is null; for example "
    '`judge: {kind: endpoint, base_url: "http://localhost:8000/v1", model: <name>, key_env: null, temperature: 0.0, '
    "max_tokens: 1024, repeats: 1, swap: true, min_coverage: 0.95, timeout_s: 120.0, concurrency: 8, max_attempts: 5, "
    "price: null}`"
)


def judge_answers(settings: EndpointJudge | LocalJudge | None, subjects: list[str], paths: Paths) -> None:
    """Rate every subject's answers to every benchmark that wants a judge; replies are kept as they come."""
    with new_folder(paths.judgements) as out:
        if settings is None:
            return
        for name, file in paths.benchmark_files().items():
            template = find_benchmark(read_items(file)["layout"].iloc[0]).judge_template
            if template:
                _judge_benchmark(name, template, file, settings, subjects, paths, out)


def _judge_benchmark(
    name: str,
    template_name: str,
    file: Path,
    settings: EndpointJudge | LocalJudge,
    subjects: list[str],
    paths: Paths,
    out: Path,
) -> None:
    template, items = load_template(template_name, dict(settings.templates)), read_items(file)
    for subject in subjects:
        predictions, _ = read_predictions(paths.predictions / subject / f"{name}.parquet")
        judged, _ = judge(cases_of(items, predictions), settings, template, paths.scratch)
        write_judgements(out / subject / f"{name}.parquet", judged, identity(settings, template))
