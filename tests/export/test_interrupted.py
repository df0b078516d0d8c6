"""An export that is killed leaves no bundle that looks whole and is not, and the next run ends well."""

from __future__ import annotations

import io
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from ruamel.yaml import YAML

from components.bundles.manifest import MANIFEST, BundleError, Manifest, check_bundle
from components.evaluate.paths import Paths
from components.evaluate.predict.limits import Limits
from components.export import stage
from components.export.card.notice import NOTICE
from components.export.card.write import CARD
from components.export.placing import WRITING
from components.export.verify import verify
from components.files.digest import folder_digest
from components.model.assembling import assemble
from components.model.loading import save_model
from components.prompts.choice import k_dtcbench
from components.scenes.sampling import SAMPLERS
from components.stages.paths import BACKBONES, BUNDLES, EXPORT, EXPORT_REPORT, FINETUNED, REPORTS, SHARDS
from tests.evaluate.world import write_answers, write_items, write_leaks
from tests.export.conftest import limits
from tests.model.tiny import ROOT, params, save_backbones
from tests.scoring.world import item
from tests.stage_runs import finish, kill_at
from tests.training.shards import write_shards

pytestmark = pytest.mark.slow
KILLS = 10
NAMES = ("first", "second")
BENCHMARK = "k-dtcbench-tiny"
SPEED = "speed.json"


def write_params(project: Path) -> None:
    """Two bundles, and as little as can be measured of each."""
    yaml = YAML(typ="safe")
    values = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    bundle = {"format": "openvino", "weights": "fp16", "limits": limits().model_dump()}
    values["evaluate"] |= {"max_new_tokens": 8, "resamples": 100}
    values["export"] = {
        "calibration_samples": 2,
        "bundles": [bundle | {"name": name} for name in NAMES],
        "quality": {"samples": 4},
        "speed": {"prompts": 1, "new_tokens": 2, "rounds": 1},
    }
    with (project / "params.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(values, stream)


def items() -> list[dict[str, Any]]:
    """Questions with lettered options about drawn boards."""
    rng, found = random.Random(5), []
    for number in range(6):
        scene, content = SAMPLERS["board"](rng), io.BytesIO()
        scene.draw().save(content, "PNG")
        choice = scene.choices(rng)[0]
        options = choice.options(0)
        more = {
            "image": {"bytes": content.getvalue(), "path": f"{number}.png"},
            "prompt": k_dtcbench(choice.question, options),
            "options": options,
            "layout": "k-dtcbench",
        }
        found.append(item(str(number), "ABCD"[options.index(choice.right)], **more))
    return found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stages before leave: a model, shards, a benchmark and the model's answers to it."""
    root = tmp_path_factory.mktemp("project")
    write_params(root)
    save_backbones(root / BACKBONES)
    save_model(*assemble(root / BACKBONES, params().model, 17, torch.float32), root / FINETUNED)
    write_shards(root / SHARDS / "finetune", random.Random(3), train=1, validation=24)
    paths = Paths(root)
    rows = items()
    write_items(paths.benchmarks / f"{BENCHMARK}.parquet", rows)
    write_leaks(paths, [])
    decoding = Limits(text=8, letter=params().evaluate.letter_tokens).decoding("letter")
    weights = folder_digest(root / FINETUNED)
    write_answers(paths, "finetune", BENCHMARK, ["A"] * len(rows), weights=weights, decoding=decoding)
    return root


def forget_answers(project: Path) -> None:
    """Those of the last run, so that all runs take as long."""
    shutil.rmtree(project / "scratch", ignore_errors=True)


def standing(project: Path) -> int:
    """Files of earlier runs, each of which goes first."""
    return sum(path.is_file() for folder in (BUNDLES, WRITING) for path in (project / folder).rglob("*"))


def keep_speed(project: Path) -> None:
    """What was measured of an undisturbed run."""
    report = json.loads((project / EXPORT_REPORT).read_text(encoding="utf-8"))
    (project / SPEED).write_text(json.dumps(report["speed"]), encoding="utf-8")


def reuse_speed() -> None:
    """Most of a run's time is spent measuring how fast bundles are, in processes of their own, and writes nothing: runs
    that are killed take what was measured before."""
    speed = json.loads(Path(SPEED).read_text(encoding="utf-8"))
    stage.measure_speed = lambda *_: speed  # type: ignore[assignment]


def passing(project: Path) -> list[Manifest]:
    """Of what stands under bundles/, all that is accepted as a bundle."""
    found = []
    for folder in (project / BUNDLES).glob("*"):
        try:
            found.append(check_bundle(folder))
        except BundleError:
            continue
    return found


def assert_whole(project: Path, manifest: Manifest) -> None:
    """Measured, described and running."""
    assert manifest.quality and manifest.speed and manifest.source and manifest.licences
    assert {CARD, NOTICE, "openvino_language_model.bin"} <= manifest.files.keys()
    verify(project / BUNDLES / manifest.name, threads=1)


def test_killed_at_random_moments_nothing_looks_whole_that_is_not(project: Path) -> None:
    changes = finish(project, "export")
    keep_speed(project)
    assert sorted(one.name for one in passing(project)) == sorted(NAMES)
    rng, seen = random.Random(7), []
    for number in range(KILLS):
        # The last third moves bundles to their place, after all was measured: every second kill is there.
        first = changes * 2 // 3 if number % 2 else 1
        forget_answers(project)
        while not kill_at(project, "export", rng.randint(first, changes * 9 // 10) + standing(project), reuse_speed):
            forget_answers(project)
        for manifest in passing(project):
            assert_whole(project, manifest)
        seen.append(len(list((project / BUNDLES).glob("*"))))
        assert not (project / BUNDLES / MANIFEST).exists()
    assert 0 in seen  # some were killed before anything was there
    forget_answers(project)
    finish(project, "export")
    assert sorted(one.name for one in passing(project)) == sorted(NAMES)
    for manifest in passing(project):
        assert_whole(project, manifest)
    assert not (project / WRITING).exists()
    assert not list((project / EXPORT).rglob("*.part"))
    report = json.loads((project / EXPORT_REPORT).read_text(encoding="utf-8"))
    assert [one["name"] for one in report["bundles"]] == list(NAMES)
    assert (project / REPORTS / "export" / "metrics.json").is_file()
