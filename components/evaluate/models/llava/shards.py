"""Weights in ``pytorch_model*.bin``, mapped from the disk: none is in memory before it is used."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path

import torch

from components.evaluate.models.spec import ModelError

_ONE = "pytorch_model.bin"
_INDEX = "pytorch_model.bin.index.json"


@dataclass(frozen=True)
class Stored:
    """A tensor and the file that it lies in, for messages."""

    tensor: torch.Tensor
    file: Path


def read_shards(folder: Path) -> dict[str, Stored]:
    """All tensors by name.

    Raises:
        ModelError: if a file is missing or damaged, or does not hold what the index says.
    """
    found: dict[str, Stored] = {}
    for file, names in _listed(folder).items():
        tensors = _read(file)
        lacking = [name for name in names if name not in tensors]
        if lacking:
            raise ModelError(f"{file} lacks {_some(lacking)}, which {_INDEX} looks for there: copy it again")
        found |= {name: Stored(tensor, file) for name, tensor in tensors.items()}
    return found


def _listed(folder: Path) -> dict[Path, list[str]]:
    """The files of weights, with the tensors that the index looks for in each; a single file needs no index."""
    if not (folder / _INDEX).is_file():
        if (folder / _ONE).is_file():
            return {folder / _ONE: []}
        raise ModelError(f"{folder} has neither {_INDEX} nor {_ONE}: copy the checkpoint's weights there")
    listed: dict[Path, list[str]] = {}
    for tensor, file in _read_index(folder / _INDEX).items():
        listed.setdefault(folder / file, []).append(tensor)
    missing = sorted(file.name for file in listed if not file.is_file())
    if missing:
        raise ModelError(f"{folder} lacks {_some(missing)}, which {_INDEX} names: copy what is missing")
    return listed


def _read_index(file: Path) -> dict[str, str]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8"))["weight_map"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{file} is not an index of weights ({error!r}): copy it again") from error


def _read(file: Path) -> dict[str, torch.Tensor]:
    try:
        tensors = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{file} is not a file of weights, or damaged ({reason}): copy it again") from error
    if not isinstance(tensors, dict) or not all(isinstance(value, torch.Tensor) for value in tensors.values()):
        raise ModelError(f"{file} holds something else than named tensors: is it a checkpoint's file of weights?")
    return tensors


def _some(names: list[str], most: int = 3) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
