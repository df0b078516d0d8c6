"""Answers by real Ray actors: all that is open, nothing twice, whatever happens to an actor."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from components.cluster.session import ray_session
from components.evaluate.models.loading import prepare
from components.evaluate.models.shipped.stand_in import write_shipped_stand_in
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.on_ray import answer_on_ray
from components.evaluate.predict.questions import Question
from components.evaluate.predict.run import Open
from tests.evaluate.conftest import BACKBONES
from tests.evaluate.predict.written import write_questions

pytestmark = pytest.mark.slow
LIMITS = Limits(text=8, letter=4)


def test_a_killed_actor_costs_no_answer(questions: list[Question], tmp_path: Path) -> None:
    names = write_questions(tmp_path / "first.parquet", questions, copies=12)
    more = write_questions(tmp_path / "second.parquet", questions[:6], copies=1)
    folder = write_shipped_stand_in(BACKBONES, tmp_path)
    spec = ModelSpec("stand-in", f"folder:{folder}", "llava", "fp32", "cpu")
    left = [
        Open("first", tmp_path / "first.parquet", frozenset(names[:5]), is_letter=True),
        Open("second", tmp_path / "second.parquet", frozenset(), is_letter=False),
    ]
    found: list[tuple[str, str]] = []
    killed = 0
    with ray_session(show_workers=False):
        for table in answer_on_ray(left, spec, prepare(spec, tmp_path), LIMITS, batch=16, actors=None):
            found += zip(table["benchmark"].to_pylist(), table["item_id"].to_pylist(), strict=True)
            if not killed:
                killed = _kill_actors()
    assert killed
    assert sorted(set(found)) == sorted([("first", n) for n in names[5:]] + [("second", n) for n in more])
    assert len(found) == len(set(found))


def _kill_actors() -> int:
    """End every process that holds the model, as a lost machine would."""
    actors = [p for p in psutil.process_iter(["name", "cmdline"]) if "MapWorker" in " ".join(p.info["cmdline"] or [])]
    own = {child.pid for child in psutil.Process().children(recursive=True)}
    for actor in actors:
        if actor.pid in own:
            os.kill(actor.pid, signal.SIGKILL)
    return sum(actor.pid in own for actor in actors)
