"""The whole stage as users run it: real models, real Ray, a judge on this machine; and the machine lost in between."""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from ruamel.yaml import YAML

from components.evaluate.paths import Paths
from components.ingest.benchmarks import ITEMS
from components.model.assembling import assemble
from components.model.loading import save_model
from components.params.load import load_params
from components.prompts.choice import k_mmbench
from components.scenes.sampling import SAMPLERS
from tests.evaluate.judge.service import Body, Service, running, says
from tests.evaluate.world import write_items, write_leaks
from tests.scoring.world import item
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
PICTURES = 24


def image_bytes(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def benchmarks() -> dict[str, list[dict[str, Any]]]:
    """Rotated choices, and open questions for a judge."""
    rng = random.Random(5)
    choices, opens = [], []
    for number in range(PICTURES):
        scene = SAMPLERS["board"](rng)
        image = {"bytes": image_bytes(scene.draw()), "path": f"{number}.png"}
        choice = scene.choices(rng)[0]
        for turn in range(4):
            options = choice.options(0)[turn:] + choice.options(0)[:turn]
            prompt = k_mmbench(choice.question, options)
            more = {"image": image, "prompt": prompt, "options": options, "group": str(number), "layout": "k-mmbench"}
            choices.append(item(f"{number}-{turn}", "ABCD"[options.index(choice.right)], **more))
        question = {
            "image": image,
            "prompt": "그림을 설명해 주세요.",
            "context": scene.caption(),
            "layout": "k-llava-w",
        }
        opens.append(item(f"w{number}", scene.caption(), **question))
    return {"k-mmbench-demo": choices, "k-llava-w-demo": opens[:6]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models that the stages before would have written, benchmarks, leaks."""
    root = tmp_path_factory.mktemp("project")
    params = load_params(ROOT / "params.yaml")
    shutil.copytree(ROOT / "components/backbones/pretrained", root / "artifacts/backbones")
    for number, stage in enumerate(("pretrain", "finetune")):
        model, processor = assemble(root / "artifacts/backbones", params.model, number, torch.float32)
        save_model(model, processor, root / f"artifacts/{stage}/model")
    for name, rows in benchmarks().items():
        write_items(root / f"artifacts/ingest/benchmarks/{name}.parquet", rows)
    write_leaks(Paths(root), [])
    return root


@pytest.fixture(scope="module")
def judge() -> Iterator[Service]:
    """Rates by the length of answers."""

    def rate(body: Body, nth: int) -> Any:
        return says(f"8 {len(body['messages'][-1]['content']) % 10 + 1}\n이유")

    with running(rate) as service:
        yield service


def write_params(root: Path, judge: Service, **evaluate: Any) -> None:
    yaml = YAML()
    values = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values["evaluate"] |= {
        "batch": 8,
        "max_new_tokens": 12,
        "speed": {"prompts": 2, "warmup": 1, "new_tokens": 4},
        "judge": {
            "kind": "endpoint",
            "base_url": judge.address,
            "model": "judge",
            "key_env": None,
            "temperature": 0.0,
            "max_tokens": 50,
            "repeats": 1,
            "swap": True,
            "min_coverage": 0.9,
            "timeout_s": 20.0,
            "concurrency": 2,
            "max_attempts": 2,
            "price": None,
        },
        **evaluate,
    }
    with (root / "params.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(values, stream)


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "components.evaluate", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    return output


def results(root: Path) -> dict[str, Any]:
    """All that must be the same, however often a run was cut short: times are left out."""
    rows = json.loads((root / "artifacts/evaluate/scores.json").read_text(encoding="utf-8"))["scores"]
    files = sorted((root / "artifacts/evaluate/predictions").rglob("*.parquet"))
    answers = {
        str(file.relative_to(root)): pq.read_table(file, columns=["item_id", "response"]).to_pylist() for file in files
    }
    comparison = json.loads((root / "artifacts/evaluate/comparison/comparison.json").read_text(encoding="utf-8"))
    return {"rows": [row for row in rows if row["benchmark"] != "speed"], "answers": answers, "compared": comparison}


def test_a_run_that_was_killed_goes_on_and_gives_the_same(project: Path, judge: Service, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    shutil.copytree(project, cut)
    write_params(project, judge)
    write_params(cut, judge)
    finish(start(project))
    paid = judge.times()
    process = start(cut)
    wait_until(lambda: len(list(cut.glob("scratch/evaluate/*/*.parquet"))) >= 5, "five parts of answers")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (cut / "artifacts/evaluate/predictions").exists()
    output = finish(start(cut))
    found = re.search(r"pretrain: (\d+) of \d+ items are answered already", output)
    assert found and int(found[1]) >= 8
    assert results(cut) == results(project)
    assert sum(paid.values()) == len(paid)


def test_everything_that_was_asked_for_is_there(project: Path, judge: Service) -> None:
    """On what the test above left behind: the stage is run again, and neither model nor judge is asked anew."""
    asked = len(judge.asked)
    write_params(project, judge)
    output = finish(start(project))
    assert len(judge.asked) == asked
    assert "finetune: 102 of 102 items are answered already" in output
    rows = results(project)["rows"]
    measured = {(row["subject"], row["benchmark"], row["metric"]) for row in rows if row["status"] == "measured"}
    for subject in ("pretrain", "finetune", "stand-in"):
        assert (subject, "k-mmbench-demo", "circular_accuracy") in measured
        assert (subject, "k-llava-w-demo", "relative_score") in measured
    pairs = {(one["first"], one["second"]) for one in results(project)["compared"]["comparisons"]}
    assert pairs == {("finetune", "pretrain"), ("finetune", "stand-in")}
    assert pq.read_schema(project / "artifacts/ingest/benchmarks/k-mmbench-demo.parquet").names == ITEMS.names


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"baselines": [{"name": "x", "origin": "folder:nowhere", "layout": "llava", "precision": "fp32"}]},
            "nowhere",
        ),
        ({"sentence_model": "somewhere"}, "write folder:<path>, hub:"),
    ],
)
def test_what_cannot_be_had_is_named(
    project: Path, judge: Service, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    root = tmp_path / "project"
    shutil.copytree(project, root)
    write_params(root, judge, **changes)
    process = start(root)
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    assert message in output
    assert "Traceback" not in output
