"""Where a bundle comes from, in a small project with git and DVC's lock."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from components.export.source import describe_source
from components.files.digest import folder_digest

LOCK: dict[str, Any] = {
    "schema": "2.0",
    "stages": {
        "backbones": {
            "cmd": "b",
            "outs": [{"path": "artifacts/backbones", "hash": "md5", "md5": "b.dir", "nfiles": 2}],
        },
        "ingest": {"cmd": "i", "outs": [{"path": "artifacts/ingest", "hash": "md5", "md5": "i.dir", "nfiles": 2}]},
        "finetune": {
            "cmd": "f",
            "deps": [
                {"path": "artifacts/pretrain/model", "hash": "md5", "md5": "p.dir"},
                {"path": "components/finetune", "hash": "md5", "md5": "code.dir"},
                {"path": "/home/somebody/photos", "hash": "md5", "md5": "secret.dir"},
                {"path": "s3://user:password@bucket/photos", "etag": "secret"},
                {"path": "../elsewhere", "hash": "md5", "md5": "secret.dir"},
            ],
            "params": {"params.yaml": {"finetune.token": "secret"}},
            "outs": [{"path": "artifacts/finetune/model", "hash": "md5", "md5": "m.dir"}],
        },
        "evaluate": {"cmd": "e", "outs": [{"path": "artifacts/evaluate", "hash": "md5", "md5": "e.dir"}]},
        "export": {
            "cmd": "x",
            "deps": [{"path": "artifacts/backbones", "hash": "md5", "md5": "of the last run"}],
            "outs": [{"path": "artifacts/export", "hash": "md5", "md5": "of the last run"}],
        },
    },
}
PIPELINE = {"stages": {"export": {"cmd": "x", "deps": ["artifacts/backbones", "artifacts/ingest/shards/finetune"]}}}


def write_yaml(path: Path, content: object) -> None:
    """As DVC writes it."""
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(content, stream)


def git(root: Path, *arguments: str) -> str:
    """With an author of its own."""
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    return subprocess.run(
        ["git", *author, *arguments], cwd=root, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A model, code, a pipeline and its lock; all but the model committed."""
    model = tmp_path / "artifacts" / "finetune" / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("/artifacts/\n", encoding="utf-8")
    (tmp_path / "code.py").write_text("a = 1\n", encoding="utf-8")
    write_yaml(tmp_path / "dvc.yaml", PIPELINE)
    write_yaml(tmp_path / "dvc.lock", LOCK)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    return tmp_path


def test_revision_and_hashes_are_noted(project: Path) -> None:
    found = describe_source(project)
    assert found["git"] == {"revision": git(project, "rev-parse", "HEAD"), "dirty": False}
    assert found["dvc"] == {
        "artifacts/pretrain/model": "p.dir",
        "artifacts/finetune/model": "m.dir",
        "artifacts/backbones": "b.dir",
        "artifacts/ingest": "i.dir",
    }
    assert found["model"] == folder_digest(project / "artifacts" / "finetune" / "model")
    assert {"openvino", "openvino-genai", "nncf", "torch", "transformers", "gguf"} <= found["versions"].keys()


def test_says_nothing_of_machines_and_secrets(project: Path) -> None:
    told = json.dumps(describe_source(project), ensure_ascii=False)
    assert str(project) not in told
    assert not [word for word in ("secret", "password", "somebody", "elsewhere", "of the last run") if word in told]


def test_change_of_the_code_is_noted(project: Path) -> None:
    (project / "code.py").write_text("a = 2\n", encoding="utf-8")
    assert describe_source(project)["git"]["dirty"] is True


def test_lock_that_moves_on_is_no_change(project: Path) -> None:
    write_yaml(project / "dvc.lock", LOCK | {"later": 1})
    (project / "untracked.txt").write_text("x", encoding="utf-8")
    assert describe_source(project)["git"]["dirty"] is False


def test_no_git_and_no_lock_are_told(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "dvc.lock").unlink()
    subprocess.run(["rm", "-rf", str(project / ".git")], check=True)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    found = describe_source(project)
    assert (found["git"], found["dvc"]) == (None, {})


def test_model_that_changed_has_another_digest(project: Path) -> None:
    before = describe_source(project)["model"]
    (project / "artifacts/finetune/model/config.json").write_text("{ }", encoding="utf-8")
    assert describe_source(project)["model"] != before
