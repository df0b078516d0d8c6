"""A bundle's scores beside those of its model: real answers by real actors, and what keeps them from being compared."""

from __future__ import annotations

import io
import logging
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from components.cluster.session import ray_session
from components.evaluate.answering import answer_all, read_asked
from components.evaluate.models.loading import prepare
from components.evaluate.models.spec import ModelSpec
from components.evaluate.paths import Paths
from components.evaluate.predict.predictions import read_predictions
from components.export.original import Original
from components.export.quality.gate import problems
from components.export.quality.measure import measure_distributions, with_scores
from components.export.quality.results import NotCompared, Score
from components.export.quality.scores import MODEL, measure_scores
from components.files.digest import folder_digest
from components.model.loading import save_model
from components.params.schema import Params
from components.scenes.sampling import SAMPLERS
from components.stages.errors import Missing
from tests.evaluate.world import write_items, write_leaks
from tests.export.conftest import Pair, limits
from tests.export.quality.world import drawn_samples
from tests.model.tiny import params
from tests.scoring.world import item

pytestmark = pytest.mark.slow
NAMES = ["instructions-demo", "k-dtcbench-demo", "k-llava-w-demo"]


def rows(layout: str, count: int) -> list[dict[str, Any]]:
    rng, found = random.Random(3), []
    for number in range(count):
        scene = SAMPLERS["board"](rng)
        stream = io.BytesIO()
        scene.draw().save(stream, "PNG")
        image = {"bytes": stream.getvalue(), "path": f"{number}.png"}
        turn = scene.turns(rng)[0]
        answer = "A" if layout == "k-dtcbench" else turn.answer
        found.append(item(f"{number}", answer, image=image, prompt=turn.question, layout=layout))
    return found


def quick(**changed: Any) -> Params:
    """The project's parameters with short answers."""
    evaluate = params().evaluate.model_copy(update={"max_new_tokens": 6, "letter_tokens": 3, "batch": 4} | changed)
    return params().model_copy(update={"evaluate": evaluate})


@pytest.fixture(scope="module")
def project(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What stages ingest, finetune and evaluate would have written."""
    root = tmp_path_factory.mktemp("project")
    paths = Paths(root)
    save_model(*pair, paths.model(MODEL))
    for name, layout in zip(NAMES, ("short-answer", "k-dtcbench", "k-llava-w"), strict=True):
        write_items(paths.benchmarks / f"{name}.parquet", rows(layout, 8))
    write_leaks(paths, [])
    spec = ModelSpec(MODEL, f"folder:{paths.model(MODEL)}", "own", "fp32", "cpu")
    asked = [read_asked(name, file) for name, file in paths.benchmark_files().items()]
    with ray_session(show_workers=False):
        place = prepare(spec, paths.scratch)
        answer_all(spec, place, asked, quick().evaluate, paths.scratch, paths.predictions / MODEL)
    return root


def measured(root: Path, bundle: Path, settings: Params) -> dict[str, Score | NotCompared]:
    found = measure_scores({"fp16": bundle}, settings, Paths(root), root / "scratch/export")
    return {one.benchmark: one for one in found["fp16"]}


def test_a_faithful_bundle_scores_as_its_model(
    project: Path, bundle_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = folder_digest(Paths(project).predictions)
    found = measured(project, bundle_folder, quick())
    assert list(found) == NAMES
    for name in NAMES[:2]:
        score = found[name]
        assert isinstance(score, Score)
        assert (score.n, score.wins, score.losses, score.difference) == (8, 0, 0, 0)
        own, _ = read_predictions(project / f"scratch/export/predictions/fp16/{name}.parquet")
        model, _ = read_predictions(Paths(project).predictions / MODEL / f"{name}.parquet")
        # OpenVINO computes in bf16 where the processor can, so answers part sooner or later.
        assert (own["response"].str[:1] == model["response"].str[:1]).mean() >= 0.75
        assert own["response"].str.len().max() > 0
    judged = found[NAMES[2]]
    assert isinstance(judged, NotCompared)
    assert judged.by_choice
    assert "evaluate.baselines" in judged.refused
    assert folder_digest(Paths(project).predictions) == before
    with caplog.at_level(logging.INFO):
        assert measured(project, bundle_folder, quick()) == found
    assert "fp16: 16 of 16 items are answered already" in caplog.text


def test_answers_of_other_lengths_are_refused(project: Path, bundle_folder: Path) -> None:
    """The model's are older than a change of params.yaml."""
    found = measured(project, bundle_folder, quick(letter_tokens=2))
    assert isinstance(found[NAMES[0]], Score)
    refused = found[NAMES[1]]
    assert isinstance(refused, NotCompared)
    assert not refused.by_choice
    assert "decoding: greedy, at most 2 new tokens, ends after a line that is a letter and greedy, at most 3" in (
        refused.refused
    )


def test_answers_of_another_model_are_refused(project: Path, bundle_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(project, root)
    config = Paths(root).model(MODEL) / "generation_config.json"
    config.write_text(config.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    found = measured(root, bundle_folder, quick())
    for name in NAMES[:2]:
        refused = found[name]
        assert isinstance(refused, NotCompared)
        assert not refused.by_choice
        assert refused.refused.startswith("weights: ")


def test_a_model_that_was_not_measured_is_named_before_anything_is_answered(
    project: Path, bundle_folder: Path, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(project, root, ignore=shutil.ignore_patterns("scratch"))
    shutil.rmtree(Paths(root).predictions)
    with pytest.raises(Missing, match=r"name finetune among evaluate\.subjects and run"):
        measured(root, bundle_folder, quick())
    assert not (root / "scratch").exists()


def test_all_that_is_measured_of_a_bundle(
    pair: Pair, project: Path, bundle_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        folders = {"fp16": bundle_folder}
        near = measure_distributions(folders, Original(*pair), drawn_samples(pair, 4), quick())
        found = with_scores(near, folders, quick(), project)["fp16"]
    assert "fp16: 4 of 4 samples compared" in caplog.text
    assert list(found.divergence) == ["vision", "language", "both"]
    assert found.features is not None
    assert found.features.mean_cosine > 0.99
    assert [score.benchmark for score in found.scores] == NAMES
    assert problems("fp16", found, limits()) == []
