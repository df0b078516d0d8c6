"""What is said of a stage before it starts."""

from __future__ import annotations

import random
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from ruamel.yaml import YAML

from components.model.assembling import NoBackbones
from components.params.schema import Params
from components.planning.contents import read_contents
from components.planning.plan import StageName, StagePlan, make_plan
from components.planning.tables import print_plan, show_plan
from components.planning.weights import count_weights, read_config
from components.training.batches import TooFewSamples
from components.training.flops import flop_rates
from components.training.samples import NoShards
from components.training.trainable import add_lora, freeze_all_but_connector
from tests.model.tiny import ROOT, params, save_backbones
from tests.training.shards import write_shards
from tests.training.test_trainable import Fresh

STAGES = pytest.mark.parametrize("stage", ["pretrain", "finetune"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with params.yaml, tiny backbones and shards of both stages, where stages leave them."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    save_backbones(folder / "artifacts" / "backbones")
    for seed, stage in enumerate(("pretrain", "finetune")):
        write_shards(folder / "artifacts" / "ingest" / "shards" / stage, random.Random(seed))
    return folder


def plan_of(project: Path, stage: StageName, given: Params | None = None) -> StagePlan:
    artifacts = project / "artifacts"
    return make_plan(given or params(), stage, artifacts / "backbones", artifacts / "ingest" / "shards" / stage)


def changed(section: str, **changes: object) -> Params:
    given = params().model_dump()
    given[section] |= changes
    return Params.model_validate(given)


@STAGES
def test_weights_are_those_of_the_model_that_is_trained(project: Path, fresh: Fresh, stage: StageName) -> None:
    config = read_config(project / "artifacts" / "backbones", params().model)
    weights = count_weights(config, params().finetune if stage == "finetune" else params().pretrain)
    model = fresh()[0]
    before = model.num_parameters()
    learner = add_lora(model, params().finetune) if stage == "finetune" else freeze_all_but_connector(model)
    assert weights.trained == sum(p.numel() for p in learner.parameters() if p.requires_grad)
    assert weights.total == before + weights.lora
    assert weights.image_encoder == model.model.vision_tower.num_parameters()
    assert (weights.lora > 0) == (stage == "finetune")


def test_contents_are_those_of_the_rows(project: Path) -> None:
    shards = project / "artifacts" / "ingest" / "shards" / "finetune"
    contents = read_contents(shards, 17)
    rows = [row for path in sorted((shards / "train").glob("*.parquet")) for row in pq.read_table(path).to_pylist()]
    assert contents.tokens.tolist() == [row["tokens"] for row in rows]
    assert contents.images.tolist() == [len(row["images"]) for row in rows]
    assert set(contents.images.tolist()) == {0, 1}


def test_padding_is_what_the_longest_of_a_micro_batch_costs(project: Path) -> None:
    contents = read_contents(project / "artifacts" / "ingest" / "shards" / "finetune", 17)
    assert contents.padding(1, 17) == 0
    together = contents.padding(len(contents.tokens), 17)
    assert together == pytest.approx(1 - contents.tokens.mean() / contents.tokens.max())
    assert 0 < contents.padding(4, 17) < together


@STAGES
def test_plan_follows_from_lengths_and_params(project: Path, stage: StageName) -> None:
    plan = plan_of(project, stage, changed(stage, epochs=2, batch=16, micro_batch=8))
    tokens, images = plan.contents.tokens, int(plan.contents.images.sum())
    assert plan.steps == len(tokens) // 16 * 2
    assert plan.labelled == tokens.sum() - 36 * images
    epoch = flop_rates(plan.config, plan.lora).of(tokens, images, plan.labelled)
    assert plan.flops.total == pytest.approx(epoch.total * 16 / len(tokens))
    assert (plan.flops.lora > 0) == (stage == "finetune")
    seconds = plan.flops.total * plan.steps / (plan.gpu.peak * plan.assumed.mfu)
    assert plan.hours == pytest.approx(seconds / 3600)
    assert plan.price == pytest.approx(plan.hours * plan.assumed.price_per_gpu_hour)


def test_more_workers_take_less_time_for_the_same_price(project: Path) -> None:
    one, four = (plan_of(project, "finetune", changed("finetune", workers=n, micro_batch=8)) for n in (1, 4))
    assert four.hours == pytest.approx(one.hours / 4)
    assert four.price == pytest.approx(one.price)
    assert four.memory(3, 320, recompute=False) < one.memory(3, 320, recompute=False)
    assert four.memory(0, 320, recompute=False) == one.memory(0, 320, recompute=False)


def printed(plan: StagePlan) -> str:
    stream = StringIO()
    print_plan(Console(file=stream, width=80, highlight=False), plan)
    return stream.getvalue()


def test_tables_hold_the_plan(project: Path) -> None:
    plan = plan_of(project, "finetune")
    text = printed(plan)
    assert f"{plan.weights.trained:,} ({plan.weights.trained / plan.weights.total:.2%})" in text
    assert f"{plan.contents.tokens.sum():,}" in text
    assert "ZeRO 1*" in text, "the stage in params.yaml is marked"
    assert "! does not fit (over 90% of 80 GiB)" in text
    assert "the hours are too few" in text, "the demo computes in fp32"
    assert all(len(line) <= 80 for line in text.splitlines()), "readable where it is piped"


def test_what_does_not_fit_is_marked(project: Path) -> None:
    wide = changed("finetune", max_length=2**20)
    assert "! " not in printed(plan_of(project, "finetune")).replace("! does", "")
    assert "! " in printed(plan_of(project, "finetune", wide)).replace("! does", "")


@STAGES
def test_command_writes_nothing_and_needs_neither_ray_nor_deepspeed(project: Path, stage: StageName) -> None:
    before = sorted(project.rglob("*"))
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", f"components.{stage}", "--plan"],
        cwd=project,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.startswith(f"{stage} on 1 x A100-80GB, fp32, ZeRO stage 1: ")
    assert "US dollars" in run.stdout
    assert sorted(project.rglob("*")) == before
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert "torch" in imported
    assert not imported & {"ray", "deepspeed"}


def test_missing_backbones_and_shards_bring_the_stage(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoBackbones, match="no image_encoder in artifacts/backbones: run `dvc repro backbones`"):
        show_plan(params(), "pretrain")
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "backbones").symlink_to(project / "artifacts" / "backbones")
    with pytest.raises(NoShards, match="run `dvc repro ingest`"):
        show_plan(params(), "finetune")


def test_fewer_samples_than_a_batch_are_an_error(project: Path) -> None:
    with pytest.raises(TooFewSamples, match=r"60 samples are fewer than one batch of 64"):
        plan_of(project, "finetune", changed("finetune", batch=64))


def test_no_stage_is_rerun_because_of_a_plan() -> None:
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"].values()
    assert not any(key.split(".")[0] == "plan" for stage in stages for key in stage.get("params", []))
    assert not any("components/planning" in stage.get("deps", []) for stage in stages)
