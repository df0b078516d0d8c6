"""The whole stage on a few hundredths of the demo's data."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from components.ingest.benchmarks import ITEMS
from components.ingest.records import SourceError
from components.ingest.stage import run
from components.params.load import load_params
from components.params.schema import Params
from components.scenes.scene import bucket_split

ROOT = Path(__file__).parents[2]
SHARE = "0.02"


@pytest.fixture(scope="module")
def params() -> Params:
    """The project's parameters with less of every set; so few rows may have many faults."""
    given = load_params(ROOT / "params.yaml").model_dump()
    for entry in given["ingest"]["sources"]:
        entry["max_rejected"] = 0.5
    for entry in given["ingest"]["sources"] + given["ingest"]["benchmarks"]:
        entry["origin"] = f"demo:{entry['origin'].split(':')[1]}@{SHARE}"
    return Params.model_validate(given)


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, tokenizer_folder: Path, workers_open: None, params: Params
) -> Path:
    """A project in which the stage has run."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(tokenizer_folder, root / "artifacts/backbones/language_model")
    run(params, root)
    return root


def _digests(root: Path) -> dict[str, str]:
    folder = root / "artifacts/ingest"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_shards_hold_what_the_contract_says(project: Path) -> None:
    for stage, name in (("pretrain", "captions"), ("finetune", "conversations"), ("finetune", "signs")):
        table = pq.read_table(project / f"artifacts/ingest/shards/{stage}/train/{name}-00000.parquet")
        assert table.schema.names == [
            "id",
            "source",
            "images",
            "conversation",
            "licence",
            "split_key",
            "tokens",
        ]
        for entry in table.to_pylist():
            assert entry["conversation"][0]["content"].startswith("<image>\n") == bool(entry["images"])
            assert 0 < entry["tokens"] <= 320


def test_no_scene_of_the_test_split_is_in_any_shard(project: Path) -> None:
    names = set()
    for path in (project / "artifacts/ingest/shards").rglob("*.parquet"):
        images = [image for entry in pq.read_table(path).to_pylist() for image in entry["images"]]
        stems = {Path(image["path"]).stem.removeprefix("Img_") for image in images}
        assert {bucket_split(stem[:2]) for stem in stems} <= {path.parent.name}  # text-only rows have none
        names |= stems
    for path in (project / "artifacts/ingest/benchmarks").glob("*.parquet"):
        images = [item["image"] for item in pq.read_table(path).to_pylist() if item["image"]]
        stems = {Path(image["path"]).stem for image in images}
        assert {bucket_split(stem[:2]) for stem in stems} == {"test"}
        assert not stems & names


def test_counts_agree_everywhere(project: Path) -> None:
    card = json.loads((project / "artifacts/ingest/card.json").read_text(encoding="utf-8"))
    metrics = json.loads((project / "reports/ingest/metrics.json").read_text(encoding="utf-8"))
    rejects = pq.read_table(project / "artifacts/ingest/rejects.parquet")
    shards = list((project / "artifacts/ingest/shards").rglob("*.parquet"))
    kept = sum(metrics["samples"].values())
    assert kept == sum(pq.read_metadata(path).num_rows for path in shards)
    assert kept == sum(entry["kept"] for entry in card["sources"])
    assert rejects.num_rows == metrics["rejected"] == sum(sum(e["reasons"].values()) for e in card["sources"])
    assert all(benchmark["images_also_in_training"] == 0 for benchmark in card["benchmarks"])
    assert rejects.num_rows > 0


def test_benchmarks(project: Path, params: Params) -> None:
    tables = {path.stem: pq.read_table(path) for path in (project / "artifacts/ingest/benchmarks").iterdir()}
    assert set(tables) == {source.name for source in params.ingest.benchmarks}
    assert all(table.schema.names == ITEMS.names for table in tables.values())
    assert all(item["context"] for item in tables["k-llava-w-demo"].to_pylist())
    rotations = tables["k-mmbench-demo"].to_pylist()
    by_group: dict[str, set[str]] = {}
    for item in rotations:
        by_group.setdefault(item["group"], set()).add(item["reference"])
    assert all(letters == set("ABCD") for letters in by_group.values())
    assert {item["seen"] for item in tables["ocr-read-demo"].to_pylist()} == {True, False}
    assert all(item["prompt"].endswith("바로 답하세요.") for item in tables["k-dtcbench-demo"].to_pylist())
    assert any(item["image"] is None for item in tables["instructions-demo"].to_pylist())


def test_an_unknown_layout_stops_before_anything_is_fetched(
    params: Params, tmp_path: Path, tokenizer_folder: Path
) -> None:
    shutil.copytree(tokenizer_folder, tmp_path / "artifacts/backbones/language_model")
    given = params.model_dump()
    given["ingest"]["benchmarks"][0]["layout"] = "k-dtc"
    with pytest.raises(SourceError, match=r"benchmark k-dtcbench-demo in params\.yaml: layout 'k-dtc' is none of"):
        run(Params.model_validate(given), tmp_path)
    assert not (tmp_path / "scratch").exists()


def test_running_again_gives_the_same_bytes(project: Path, params: Params) -> None:
    before = _digests(project)
    shutil.rmtree(project / "scratch")
    run(params, project)
    assert _digests(project) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"origin": "ftp:x"}, "origin 'ftp:x' in params.yaml is unknown"),
        ({"origin": "demo:cats"}, "origin demo:cats in params.yaml is unknown"),
        ({"origin": "folder:no/such"}, "is neither a folder nor a file"),
        ({"max_rejected": 0.0}, r"rows refused, max_rejected is 0\.0%: .*image missing"),
    ],
)
def test_stops_with_a_clear_reason(project: Path, params: Params, change: dict[str, object], message: str) -> None:
    before = _digests(project)
    given = params.model_dump()
    given["ingest"]["sources"] = [{**given["ingest"]["sources"][2], **change}]
    given["ingest"]["benchmarks"] = []
    with pytest.raises(SourceError, match=message):
        run(Params.model_validate(given), project)
    assert _digests(project) == before
