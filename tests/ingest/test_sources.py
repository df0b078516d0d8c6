"""What changes when sources and parameters change, and that shards can be read by others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import datasets
import pandas as pd
import pyarrow.parquet as pq
import pytest
import ray

from components.cluster.session import ray_session
from components.ingest.records import SourceError
from components.ingest.stage import run
from components.params.schema import Params
from tests.ingest.project import declare, digests, make_project, write_params, write_set
from tests.ingest.samples import chat, png, row

ROWS = 700


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three data sets."""
    folder = tmp_path_factory.mktemp("sets")
    return {name: write_set(folder / name, ROWS, seed) for seed, name in enumerate("abc")}


@pytest.fixture
def project(tmp_path: Path, tokenizer_folder: Path, sets: dict[str, Path], workers_open: None) -> Path:
    """A project in which the stage has run with two of them."""
    root = make_project(tmp_path / "project", tokenizer_folder)
    run_with(root, sets, "ab")
    return root


def run_with(root: Path, sets: dict[str, Path], names: str, **ingest: object) -> Params:
    """Run the stage as DVC does: its outputs are gone before."""
    shutil.rmtree(root / "artifacts/ingest", ignore_errors=True)
    params = write_params(root, [declare(name, sets[name]) for name in names], **ingest)
    run(params, root)
    return params


def written(root: Path, source: str) -> dict[str, int]:
    """When each shard of a source was written."""
    shards = (root / "artifacts/ingest/shards").rglob(f"{source}-*.parquet")
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in shards}


def test_adding_a_source_writes_only_its_shards(project: Path, sets: dict[str, Path]) -> None:
    before = {name: written(project, name) for name in "ab"}
    bytes_before = digests(project)
    run_with(project, sets, "abc")
    assert {name: written(project, name) for name in "ab"} == before
    assert len(before["a"]) >= 3 and len(written(project, "c")) >= 3
    after = digests(project)
    assert all(after[name] == bytes_before[name] for shards in before.values() for name in shards)


def test_shards_that_change_are_made_again_from_what_they_need(project: Path, sets: dict[str, Path]) -> None:
    before = written(project, "b")
    run_with(project, sets, "ab", split={"validation": 0.3, "test": 0.3})
    moved = written(project, "b")
    assert moved != before
    fresh = project.parent / "fresh"
    shutil.copytree(project / "artifacts/backbones", fresh / "artifacts/backbones")
    run_with(fresh, sets, "ab", split={"validation": 0.3, "test": 0.3})
    assert digests(fresh) == digests(project)


def test_mixture_changes_no_shard(project: Path, sets: dict[str, Path]) -> None:
    before = written(project, "a")
    run_with(project, sets, "ab", mixture={"temperature": 2.0, "pretrain": None, "finetune": 100})
    assert written(project, "a") == before
    mixture = json.loads((project / "artifacts/ingest/shards/finetune/mixture.json").read_text(encoding="utf-8"))
    assert sum(part["epoch"] for part in mixture.values()) == 100


def test_shards_are_about_as_large_as_asked_and_hold_every_sample_once(project: Path) -> None:
    files = sorted((project / "artifacts/ingest/shards/finetune/train").glob("a-*.parquet"))
    assert all(0.9 * 2**20 < path.stat().st_size < 1.2 * 2**20 for path in files[:-1])
    ids = [name for path in files for name in pq.read_table(path, columns=["id"])["id"].to_pylist()]
    assert ids == sorted(ids, key=int) and len(ids) == len(set(ids)) > 200


def test_shards_are_read_by_other_libraries(project: Path) -> None:
    folder = project / "artifacts/ingest/shards/finetune/train"
    files = sorted(str(path) for path in folder.glob("*.parquet"))
    rows = sum(pq.read_metadata(path).num_rows for path in files)
    assert len(pd.read_parquet(folder)) == rows
    loaded = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(project / "cache"))
    assert len(loaded) == rows and loaded[0]["conversation"][0]["role"] == "user"
    with ray_session():
        assert ray.data.read_parquet(files).count() == rows
    query = f"SELECT count(*), sum(tokens), min(octet_length(images[1]['bytes'])) FROM '{folder}/*.parquet'"
    code = f"import duckdb; print(duckdb.sql({query!r}).fetchall()[0][0])"
    assert int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) == rows


def test_a_source_with_too_many_refusals_stops_with_the_commonest_reasons(
    tmp_path: Path, tokenizer_folder: Path, workers_open: None
) -> None:
    rows = [row(id=number, image="none.png") for number in range(8)] + [row(answer="")] * 3 + [row()] * 9
    root = make_project(tmp_path / "project", tokenizer_folder)
    params = write_params(root, [declare("set", chat(tmp_path / "set", rows, {"a.png": png()}))])
    with pytest.raises(
        SourceError, match=r"source set: 55\.0% of 20 rows refused.*8 x image missing; 3 x empty answer"
    ):
        run(params, root)
    assert not (root / "artifacts/ingest").exists()
