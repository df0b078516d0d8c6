"""Names a training run by all that decides what is learnt, so that only the same run goes on from its checkpoints."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Literal

import fsspec
from fsspec import AbstractFileSystem

from components.files.digest import folder_digest
from components.fingerprints.code import ROOT
from components.fingerprints.fingerprint import Fingerprint, of_code
from components.fingerprints.inputs import quick_digest
from components.fingerprints.libraries import TABLES
from components.fingerprints.plugins import plugins_of
from components.fingerprints.values import TRAINING_WHERE_AND_HOW, flatten
from components.params.schema import Params

Stage = Literal["pretrain", "finetune"]
SHOWS_ONLY = (
    "components.training.key",
    "components.training.launch",
    "components.training.report",
    "components.training.store",
    "components.training.watch",
    "components.training.wire",
)
"""Modules that keep, carry and show what is learnt, and have no part in it."""
_DIGITS = 12
_KEPT = 2
_DAY = 24 * 3600.0


def run_key(params: Params, stage: str, start: Path, shards: Path, root: Path = ROOT) -> str:
    """``<stage>-<digest>``: another one for other code, parameters, data or libraries.

    Args:
        params: of the run; what says where and how it trains does not count.
        stage: pretrain or finetune.
        start: folder of the model that training begins with.
        shards: folder of the data.
        root: the folder in which the package ``components`` lies.
    """
    code = of_code(
        "components.training.run",
        chosen=plugins_of(params, root),
        without=SHOWS_ONLY,
        libraries_without=TABLES,
        root=root,
    )
    section = getattr(params, stage).model_dump(mode="json", exclude=set(TRAINING_WHERE_AND_HOW))
    values = {"seed": params.seed, "model": params.model.model_dump(mode="json"), stage: section}
    data = {"start": folder_digest(start), "shards": quick_digest(shards)}
    made_from = Fingerprint(code.code, code.libraries, flatten(values), data)
    return f"{stage}-{made_from.digest[:_DIGITS]}"


def drop_other_runs(checkpoints: str, key: str) -> list[str]:
    """Remove checkpoints of the same stage's other runs, and give their names. To be called when a run has ended well.

    Several people and experiments may share the place: the newest few stay, so that one can go back to them, and so
    does whatever was written to within a day, since it may be a run that is under way.

    Args:
        checkpoints: folder or fsspec address, ``run.checkpoints``.
        key: of the run that ended.
    """
    filesystem, place = fsspec.url_to_fs(checkpoints)
    name = re.compile(rf"{key.rpartition('-')[0]}-[0-9a-f]{{{_DIGITS}}}")
    found = {path.rstrip("/").rpartition("/")[2]: path for path in _folders(filesystem, place)}
    others = {one: path for one, path in found.items() if name.fullmatch(one) and one != key}
    written = {one: _last_written(filesystem, path) for one, path in others.items()}
    newest_first = sorted(written, key=lambda one: written[one], reverse=True)
    dropped = [one for one in newest_first[_KEPT:] if written[one] < time.time() - _DAY]
    for one in dropped:
        filesystem.rm(others[one], recursive=True)
    return dropped


def _folders(filesystem: AbstractFileSystem, place: str) -> list[str]:
    if not filesystem.isdir(place):
        return []
    return [entry["name"] for entry in filesystem.ls(place, detail=True) if entry["type"] == "directory"]


def _last_written(filesystem: AbstractFileSystem, folder: str) -> float:
    """Seconds since 1970; 0 for an empty folder."""
    return max((filesystem.modified(file).timestamp() for file in filesystem.find(folder)), default=0.0)
