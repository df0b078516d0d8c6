"""Runs of the evaluation with a model that somebody serves: killed, gone on with, over; and the model changed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from components.bundles.conversation import Ending, Stream, Turn
from components.bundles.serving.app import make_app
from components.evaluate.answering import answer_all, read_asked
from components.evaluate.models.endpoints import locate_endpoint
from components.evaluate.models.spec import ModelSpec
from components.evaluate.one_run import one_run
from components.params.load import load_params
from tests.bundles.served import served
from tests.evaluate.world import write_items
from tests.scoring.world import item

ROOT = Path(__file__).parents[2]
ITEMS, KILLED_AT = 12, 5
CODE = "import sys\nfrom tests.evaluate.test_served_runs import evaluate\nevaluate(*sys.argv[1:])\n"


class Model:
    """Says which weights it has, and notes what it is asked; may wait in the middle of an answer."""

    def __init__(self) -> None:
        self.weights = "first"
        self.asked: Counter[str] = Counter()
        self.waits_at: int | None = None
        self.is_waiting, self.go_on = threading.Event(), threading.Event()

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        question = turns[-1].text
        if question.startswith("item "):
            self.asked[question] += 1
            if self.asked.total() == self.waits_at:
                self.is_waiting.set()
                assert self.go_on.wait(60)
        yield f"{self.weights} {question}"
        return Ending(1, 1, is_cut=False)


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def project(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The model's address, and a folder with a benchmark."""
    monkeypatch.setattr("components.evaluate.models.served._APART_S", 0)
    write_items(
        tmp_path / "b.parquet", [item(f"{n}", "답", prompt=f"item {n}", layout="short-answer") for n in range(ITEMS)]
    )
    with served(make_app(model, "m", created=1, max_new_tokens=40)) as address:
        yield f"endpoint:{address}/v1#m", str(tmp_path)


def evaluate(origin: str, folder: str, version: str | None = None, is_well: bool = True) -> list[str]:
    """What the stage does with a baseline, up to its answers."""
    root = Path(folder)
    spec = ModelSpec("theirs", origin, "endpoint", "endpoint", "cpu", version=version)
    with one_run(root / "scratch") as name:
        place = locate_endpoint(spec, name)
        one_by_one = load_params(ROOT / "params.yaml").evaluate.model_copy(update={"batch": 1})
        answer_all(spec, place, [read_asked("b", root / "b.parquet")], one_by_one, root / "scratch", root / "out")
        assert is_well, "a judge that cannot be reached"
    return pq.read_table(root / "out/b.parquet")["response"].to_pylist()


def kill_in_the_middle(model: Model, origin: str, folder: str) -> None:
    """A run that is killed while it waits for an answer."""
    model.waits_at = KILLED_AT
    process = subprocess.Popen([sys.executable, "-c", CODE, origin, folder], cwd=ROOT)
    assert model.is_waiting.wait(120), process.poll()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    model.go_on.set()


def test_a_run_that_was_killed_asks_nothing_twice_and_mixes_no_models(
    model: Model, project: tuple[str, str], tmp_path: Path
) -> None:
    origin, folder = project
    kill_in_the_middle(model, origin, folder)
    assert model.asked.total() == KILLED_AT
    other = shutil.copytree(folder, tmp_path / "other")
    assert evaluate(origin, folder) == [f"first item {n}" for n in range(ITEMS)]
    # The answer that was under way had not come.
    assert model.asked == {f"item {n}": 2 if n == KILLED_AT - 1 else 1 for n in range(ITEMS)}
    model.weights = "second"
    assert evaluate(origin, str(other)) == [f"second item {n}" for n in range(ITEMS)]


def test_a_run_that_ended_badly_goes_on(model: Model, project: tuple[str, str]) -> None:
    with pytest.raises(AssertionError, match="a judge that cannot be reached"):
        evaluate(*project, is_well=False)
    evaluate(*project)
    assert set(model.asked.values()) == {1}


def test_a_new_run_asks_the_model_that_is_there_now(model: Model, project: tuple[str, str]) -> None:
    assert evaluate(*project) == [f"first item {n}" for n in range(ITEMS)]
    model.weights = "second"
    assert evaluate(*project) == [f"second item {n}" for n in range(ITEMS)]
    evaluate(*project)
    assert set(model.asked.values()) == {3}


def test_answers_of_a_version_are_kept(model: Model, project: tuple[str, str]) -> None:
    for version, weights, times in (("1", "first", 1), ("1", "first", 1), ("2", "second", 2)):
        model.weights = weights
        assert evaluate(*project, version=version) == [f"{weights} item {n}" for n in range(ITEMS)]
        assert set(model.asked.values()) == {times}
