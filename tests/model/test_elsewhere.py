"""Saved models in a process that has transformers, and not this project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import torch

from components.model.connectors import CONNECTORS
from components.model.loading import load_model
from components.scenes.shapes import Board
from tests.model import elsewhere
from tests.model.samples import picture


def test_saved_models_answer_the_same_where_the_project_is_not_installed(
    saved_kinds: dict[str, Path], tmp_path: Path
) -> None:
    shown = picture(Board, 7)
    shown.save(tmp_path / "board.png")
    told = subprocess.run(
        [sys.executable, elsewhere.__file__, str(tmp_path / "board.png"), *map(str, saved_kinds.values())],
        cwd=tmp_path,
        env={**os.environ, "HF_MODULES_CACHE": str(tmp_path / "modules"), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    answers = json.loads(told.stdout.splitlines()[-1])
    for (kind, folder), answer in zip(saved_kinds.items(), answers, strict=True):
        assert all(module.startswith("transformers_modules.") for module in answer["modules"])
        assert answer["connector"] == [kind, CONNECTORS[kind].__name__]
        model, processor = load_model(folder)
        with torch.no_grad():
            inputs = elsewhere.ask(processor, shown)
            expected = model.generate(**inputs, max_new_tokens=elsewhere.NEW_TOKENS, do_sample=False)
        assert answer["ids"] == expected.tolist()


def test_what_is_copied_beside_the_weights_imports_nothing_else_of_the_project(saved_kinds: dict[str, Path]) -> None:
    copied = {path.name: path.read_text(encoding="utf-8") for path in saved_kinds["ldpv2"].glob("*.py")}
    assert {"configuration.py", "modeling.py", "processing.py", "connectors.py"} <= copied.keys()
    assert not [name for name, source in copied.items() if "components" in source]
