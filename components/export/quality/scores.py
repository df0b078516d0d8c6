"""Bundles' benchmark scores beside those of the model that they were made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from components.cluster.machine import cores, needs_ray, ray_if
from components.evaluate.answering import answer_all, read_asked
from components.evaluate.comparison.answers import Answers
from components.evaluate.comparison.compare import compare
from components.evaluate.comparison.corrected import corrected
from components.evaluate.comparison.results import Comparison, Refusal
from components.evaluate.models.bundles import locate_bundle
from components.evaluate.models.spec import FolderOrigin, ModelSpec
from components.evaluate.paths import Paths
from components.evaluate.predict.predictions import read_predictions
from components.evaluate.rated import Bench, Rated, rate_unjudged, read_benches
from components.evaluate.score import scoring_settings
from components.evaluate.statistics.settings import Settings as Statistics
from components.export.quality.results import NotCompared, Score
from components.export.texts import say
from components.files.digest import folder_digest
from components.params.schema import Params
from components.scoring.settings import Settings
from components.stages.errors import Missing

MODEL = "finetune"
"""The subject of stage evaluate that bundles are made from."""
_JUDGED = say("judged", "en")


def measure_scores(
    folders: Mapping[str, Path], params: Params, paths: Paths, scratch: Path
) -> dict[str, list[Score | NotCompared]]:
    """Let bundles answer all benchmarks, and compare each in pairs with stage evaluate's answers of the model.

    Opens a Ray session of its own where one process is not enough.

    Args:
        folders: of the bundles, with their manifests, by name.
        params: how answers are decoded and intervals drawn (section evaluate), and the seed.
        paths: stage evaluate's.
        scratch: where answers are kept by what they depend on, so that a rerun goes on.

    Raises:
        Missing: if stage evaluate has not measured the model.
        ModelError: if a folder holds no bundle.
    """
    benches = read_benches(paths)
    compared = [bench for bench in benches if not bench.kind.judge_template]
    scoring, digest = scoring_settings(params, paths), folder_digest(paths.model(MODEL))
    models = [_rate_model(bench, digest, paths, scoring) for bench in compared]
    _answer(folders, compared, params, paths, scratch)
    statistics = Statistics(params.evaluate.confidence, params.evaluate.resamples, params.seed)
    judged: list[Comparison | NotCompared] = [
        NotCompared(benchmark=bench.name, refused=_JUDGED, by_choice=True) for bench in benches if bench not in compared
    ]

    def compare_all(name: str) -> Iterator[Comparison | NotCompared]:
        for bench, model in zip(compared, models, strict=True):
            if isinstance(model, NotCompared):
                yield model
            else:
                own = rate_unjudged(name, bench, _answers_of(name, scratch) / f"{bench.name}.parquet", scoring)
                yield _compare(own, model, statistics)

    return {name: sorted(_as_scores([*judged, *compare_all(name)]), key=lambda one: one.benchmark) for name in folders}


def _answers_of(name: str, scratch: Path) -> Path:
    return scratch / "predictions" / name


def _rate_model(bench: Bench, digest: str, paths: Paths, scoring: Settings) -> Rated | NotCompared:
    """What stage evaluate has of the model with this digest."""
    file = paths.predictions / MODEL / f"{bench.name}.parquet"
    if not file.is_file():
        raise Missing(
            f"no answers in {file}, with which bundles are compared: name {MODEL} among evaluate.subjects and run "
            "`dvc repro evaluate`"
        )
    _, made = read_predictions(file)
    if made.weights != digest:
        reason = f"weights: {file} holds answers of another model than {paths.model(MODEL)}; run `dvc repro evaluate`"
        return NotCompared(benchmark=bench.name, refused=reason, by_choice=False)
    return rate_unjudged(MODEL, bench, file, scoring)


def _answer(folders: Mapping[str, Path], benches: Sequence[Bench], params: Params, paths: Paths, scratch: Path) -> None:
    files = paths.benchmark_files()
    asked = [read_asked(bench.name, files[bench.name]) for bench in benches]
    places = {name: locate_bundle(FolderOrigin(folder)) for name, folder in folders.items()}
    needed = needs_ray(params.evaluate.actors, is_gpu=False)
    # Here side by side, as a runtime that answers one question at a time leaves cores idle.
    at_once = 1 if needed else min(len(places), cores())
    with ray_if(needed), ThreadPoolExecutor(at_once) as pool:
        threads = cores() // at_once
        under_way = []
        for name, place in places.items():
            spec = ModelSpec(name, f"folder:{place.folder}", "bundle", "bundle", "cpu")
            where = (scratch / "answers", _answers_of(name, scratch))
            under_way.append(pool.submit(answer_all, spec, place, asked, params.evaluate, *where, threads=threads))
        for one in under_way:
            one.result()


def _compare(bundle: Rated, model: Rated, statistics: Statistics) -> Comparison | NotCompared:
    """By the benchmark's main figure."""
    results = compare(_answers(bundle), _answers(model), statistics)
    if not results:
        reason = "; ".join(dict.fromkeys(one.reason for one in model.scored.not_run)) or "it has no figure"
        return NotCompared(benchmark=bundle.bench.name, refused=reason, by_choice=True)
    main = results[0]
    return main if isinstance(main, Comparison) else _refused(main)


def _answers(rated: Rated) -> Answers:
    return Answers(rated.subject, rated.bench.name, asdict(rated.versions), rated.scored.measures)


def _refused(refusal: Refusal) -> NotCompared:
    differs = "; ".join(f"{name}: {mine} and {other}" for name, (mine, other) in refusal.what.items())
    reason = f"{refusal.metric} was not measured in the same way for the bundle and the model ({differs})"
    return NotCompared(benchmark=refusal.benchmark, refused=reason, by_choice=False)


def _as_scores(results: Sequence[Comparison | NotCompared]) -> Iterator[Score | NotCompared]:
    yield from (result for result in results if isinstance(result, NotCompared))
    for result in corrected([result for result in results if isinstance(result, Comparison)]):
        if isinstance(result, Comparison):
            yield _as_score(result)


def _as_score(found: Comparison) -> Score:
    paired, change = found.paired, found.paired.difference
    return Score(
        benchmark=found.benchmark,
        metric=found.metric,
        higher_is_better=found.higher_is_better,
        score=found.first_figure.value,
        model_score=found.second_figure.value,
        difference=change.value,
        low=change.low,
        high=change.high,
        p=found.p_adjusted,
        n=paired.units,
        wins=paired.wins,
        ties=paired.ties,
        losses=paired.losses,
    )
