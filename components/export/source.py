"""What a bundle was made from: the code's revision, DVC's hashes, the model's digest, the tools' versions."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml import YAML

from components.files.digest import folder_digest
from components.stages.paths import FINETUNED

_PIPELINE, _LOCK = "dvc.yaml", "dvc.lock"
_TOOLS = (
    "torch",
    "transformers",
    "openvino",
    "openvino-genai",
    "openvino-tokenizers",
    "nncf",
    "gguf",
    "llama-cpp-python",
)


def describe_source(root: Path) -> dict[str, Any]:
    """Where the model under ``root`` comes from. What is not known is None; no absolute paths, no addresses.

    Args:
        root: the project's folder, with artifacts/finetune/model.

    Returns:
        ``git`` ({revision, dirty} or None), ``dvc`` (path: hash, of the data that stages finetune and export read and
        finetune wrote, as dvc.lock has them; empty without one), ``model`` (the folder's SHA-256 by
        components.files.digest), ``versions`` (package: version, of those that are installed).
    """
    return {
        "git": _git(root),
        "dvc": _dvc(root),
        "model": folder_digest(root / FINETUNED),
        "versions": dict(_versions()),
    }


def _git(root: Path) -> dict[str, Any] | None:
    revision = _run_git(root, "rev-parse", "HEAD")
    if revision is None:
        return None
    # DVC rewrites its lock as stages finish: that is no change of what ran.
    changed = _run_git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", f":(exclude){_LOCK}")
    return {"revision": revision, "dirty": bool(changed)}


def _run_git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _dvc(root: Path) -> dict[str, str]:
    """Hashes of data only: the code's is git's revision."""
    if not (root / _LOCK).is_file():
        return {}
    locked = _read(root / _LOCK).get("stages", {})
    outs = [out for stage in locked.values() for out in stage.get("outs", [])]
    finetune = locked.get("finetune", {})
    noted = [*finetune.get("deps", []), *finetune.get("outs", [])]
    # The lock's own entry of export is the last run's while this one is under way: who made its inputs knows better.
    noted += [out for wanted in _inputs(root, "export") for out in outs if _holds(out["path"], wanted)]
    return {entry["path"]: entry[_hash_key(entry)] for entry in noted if _is_data(entry)}


def _inputs(root: Path, stage: str) -> list[str]:
    if not (root / _PIPELINE).is_file():
        return []
    return list(_read(root / _PIPELINE).get("stages", {}).get(stage, {}).get("deps", []))


def _holds(out: str, wanted: str) -> bool:
    return PurePosixPath(wanted).is_relative_to(out) or PurePosixPath(out).is_relative_to(wanted)


def _is_data(entry: Mapping[str, Any]) -> bool:
    """Whether it is a hashed path inside the project, and not its code."""
    path = PurePosixPath(entry["path"])
    inside = not path.is_absolute() and ":" not in entry["path"] and ".." not in path.parts
    return inside and path.parts[0] != "components" and bool(_hash_key(entry))


def _hash_key(entry: Mapping[str, Any]) -> str:
    """The name that the lock gives to the entry's hash, such as md5; "": it has none."""
    named = str(entry.get("hash", "md5"))
    return named if named in entry else ""


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    return content


def _versions() -> Iterator[tuple[str, str]]:
    for name in _TOOLS:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
