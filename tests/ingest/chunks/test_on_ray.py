"""On a Ray cluster chunks come out as from this machine's own processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.cluster.on_ray import ray_workers
from components.cluster.workers import spread, using
from components.ingest.checks.rules import Rules
from components.ingest.chunks.pipeline import work_through
from components.ingest.records import SourceError
from tests.ingest.chunks.test_pipeline import assignment, rows
from tests.ingest.samples import chat, png

pytestmark = pytest.mark.slow


def test_ray_gives_the_same_chunks_and_errors(tmp_path: Path, rules: Rules) -> None:
    images = {"a.png": png()}
    here = assignment(chat(tmp_path / "here/set", rows(1300), images), rules)
    there = assignment(chat(tmp_path / "there/set", rows(1300), images), rules)
    damaged = chat(tmp_path / "damaged/set", rows(10))
    (damaged / "chat.json").write_text('[{"id": 1}, {"id"', encoding="utf-8")
    work_through(here)
    with using(ray_workers()):
        assert list(spread(len, ["", "가", "나다"])) == [0, 1, 2]
        work_through(there)
        with pytest.raises(SourceError, match=r"^chat\.json is not JSON"):
            work_through(assignment(damaged, rules))
        with pytest.raises(SourceError, match=r"^gone$"):
            list(spread(refuse, ["gone"]))
    names = sorted(path.name for path in here.store.folder.iterdir())
    assert names == sorted(path.name for path in there.store.folder.iterdir())
    for name in names:
        assert (here.store.folder / name).read_bytes() == (there.store.folder / name).read_bytes()


def refuse(reason: str) -> None:
    raise SourceError(reason)
