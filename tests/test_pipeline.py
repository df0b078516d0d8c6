"""The whole pipeline, run by DVC in a fresh clone: on a few samples, and as the demo."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from ruamel.yaml import YAML
from safetensors.torch import load_file

from components.model.loading import load_model

ROOT = Path(__file__).resolve().parent.parent
STAGES = ["backbones", "ingest", "pretrain", "finetune", "evaluate", "export"]
BENCHMARKS = ["k-mmbench-demo", "k-llava-w-demo", "captions-demo", "ocr-box-demo"]
"""For the few samples: a choice, what only a judge could rate, a caption and a box."""
WHOLE = [pytest.mark.nightly, pytest.mark.timeout(7200)]
pytestmark = pytest.mark.slow


def run(clone: Path, *command: str) -> str:
    """Output of a command in the clone, with this environment's programs first on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path}
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def edit(clone: Path, change: Any) -> None:
    """Change params.yaml by a function of its values."""
    yaml = YAML(typ="safe")
    values = yaml.load((clone / "params.yaml").read_text(encoding="utf-8"))
    change(values)
    with (clone / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(values, file)


def shrink(values: Any) -> None:
    """A few samples of a few sets, one bundle, and a few steps."""
    ingest = values["ingest"]
    ingest["benchmarks"] = [one for one in ingest["benchmarks"] if one["name"] in BENCHMARKS]
    for benchmark in ingest["benchmarks"]:
        benchmark["origin"] += "@0.02"
    for source in ingest["sources"]:  # with fewer, no sample of stage 1 comes to be one of validation
        source["origin"] += "@0.05"
        source["max_rejected"] = 0.5
    for stage in ("pretrain", "finetune"):
        values[stage] |= {"epochs": 1, "batch": 8, "micro_batch": 4, "log_every": 2, "checkpoint_every": 20}
    values["evaluate"] |= {"max_new_tokens": 8, "resamples": 200}
    values["evaluate"]["speed"] = {"prompts": 2, "warmup": 1, "new_tokens": 4}
    values["export"] |= {"calibration_samples": 16, "quality": {"samples": 12}}
    values["export"]["speed"] = {"prompts": 1, "new_tokens": 4, "rounds": 1}
    values["export"]["bundles"] = values["export"]["bundles"][:1]
    for bundle in values["export"]["bundles"]:  # what a few steps have taught is not held to limits
        bundle["limits"] |= {
            "kl_mean": 99.0,
            "kl_p999": 99.0,
            "perplexity_ratio": 99.0,
            "top1": 0.0,
            "features": -1.0,
            "score_loss": 99.0,
        }


def stale(clone: Path) -> set[str]:
    """Stages that DVC would run again."""
    status = json.loads(run(clone, "dvc", "status", "--json"))
    return set(status)


@pytest.fixture(scope="module", params=["few samples", pytest.param("whole demo", marks=WHOLE)])
def clone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which the pipeline has run once."""
    folder = tmp_path_factory.mktemp("clone") / "project"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    if request.param == "few samples":
        edit(folder, shrink)
    run(folder, "dvc", "--wait-for-lock", "repro")
    return folder


def test_every_stage_leaves_what_dvc_declares(clone: Path) -> None:
    stages = YAML(typ="safe").load((clone / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert list(stages) == STAGES
    for stage in stages.values():
        assert all((clone / out).exists() for out in stage["outs"])
    metrics = json.loads(run(clone, "dvc", "metrics", "show", "--json"))
    assert re.search(r"validation_loss", json.dumps(metrics))


def test_a_second_run_does_nothing(clone: Path) -> None:
    output = run(clone, "dvc", "--wait-for-lock", "repro")
    assert "Running stage" not in output
    assert stale(clone) == set()


def test_a_new_rank_concerns_stage_2_and_nothing_before_it(clone: Path) -> None:
    before = (clone / "params.yaml").read_text(encoding="utf-8")
    edit(clone, lambda values: values["finetune"]["lora"].update(rank=8))
    assert stale(clone) == {"finetune"}
    output = run(clone, "dvc", "repro", "--dry")
    assert re.findall(r"Running stage '(\w+)'", output)[0] == "finetune"
    (clone / "params.yaml").write_text(before, encoding="utf-8")


def test_what_is_frozen_stays_bit_identical_through_both_stages(clone: Path) -> None:
    artifacts = clone / "artifacts"
    pretrained = load_file(artifacts / "pretrain/model/model.safetensors")
    for folder, place in (("image_encoder", "vision_tower"), ("language_model", "language_model")):
        weights = load_file(artifacts / "backbones" / folder / "model.safetensors")
        for name, weight in weights.items():
            kept = pretrained[f"model.{place}.{name.removeprefix('model.')}"]
            assert torch.equal(kept, weight.to(kept.dtype)), name
    model, _ = load_model(artifacts / "pretrain/model")
    merged = PeftModel.from_pretrained(model, str(artifacts / "finetune/adapter")).merge_and_unload()
    finetuned, _ = load_model(artifacts / "finetune/model")
    after = finetuned.state_dict()
    different = [name for name, weight in merged.state_dict().items() if not torch.equal(weight, after[name])]
    assert not different, "stage 2 is stage 1 with the adapter merged into it, and nothing else"


def test_every_figure_has_a_state_and_the_baseline_its_rows(clone: Path) -> None:
    scores = json.loads((clone / "artifacts/evaluate/scores.json").read_text(encoding="utf-8"))["scores"]
    assert {row["status"] for row in scores} <= {"measured", "published", "missing", "not run"}
    assert all(row["reason"] for row in scores if row["status"] == "not run")
    subjects = {row["subject"] for row in scores}
    assert {"finetune", "pretrain", "stand-in", "KoLLaVA-7B"} <= subjects


def test_the_run_is_compared_with_stage_1_and_with_the_stand_in(clone: Path) -> None:
    folder = clone / "artifacts/evaluate/comparison"
    found = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert {(one["first"], one["second"]) for one in found["comparisons"]} == {
        ("finetune", "pretrain"),
        ("finetune", "stand-in"),
    }
    assert found["refusals"] == []
    assert len(found["leaks"]) == len(list((clone / "artifacts/ingest/benchmarks").glob("*.parquet")))
    for name in ("report.md", "report.ko.md"):
        assert "stand-in" in (folder / name).read_text(encoding="utf-8")
    assert (folder / "comparison.png").is_file()
