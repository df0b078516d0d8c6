"""A stage that is run again: without one training step where what decides is the same, and from the start where not."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.model.tiny import ROOT
from tests.training.shards import write_shards
from tests.training.train_again import CHANGED, FIRST, REWORDED, SAMPLES, STEPS

pytestmark = pytest.mark.slow


def test_other_comments_take_no_step_and_other_code_takes_all(start: Path, tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "shards", random.Random(5), train=SAMPLES)
    tree = tmp_path / "tree"
    shutil.copytree(
        ROOT / "components", tree / "components", ignore=shutil.ignore_patterns("__pycache__", "pretrained")
    )
    for name in ("tests", "params.yaml"):
        (tree / name).symlink_to(ROOT / name)
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.train_again", str(start), str(shards)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    _, first, reworded, changed = re.split(f"^(?:{FIRST}|{REWORDED}|{CHANGED})$", done.stdout, flags=re.MULTILINE)
    all_steps = [str(step) for step in range(1, STEPS + 1)]
    assert steps(first) == all_steps
    assert steps(reworded) == [], "what was kept was not taken up"
    assert f"finetune: all {STEPS} steps are done already" in reworded
    assert steps(changed) == all_steps


def steps(told: str) -> list[str]:
    """Numbers of the steps that a training told of."""
    return re.findall(rf"finetune: step (\d+)/{STEPS}", told)
