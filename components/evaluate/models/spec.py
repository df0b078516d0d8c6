"""What names a model: where it lies, in which layout, and how it is to be run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Layout = Literal["own", "transformers", "llava", "bundle"]
"""``own``: a model of this project. ``transformers``: any image-text-to-text model of transformers. ``llava``: a
checkpoint of the original LLaVA code, before transformers had the model. ``bundle``: what stage export writes."""
Precision = Literal["fp32", "bf16", "int8", "int4", "bundle"]
"""``bundle``: as the files of a bundle have it."""
Device = Literal["cpu", "gpu"]

_HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<commit>[0-9a-f]{40})")


class ModelError(RuntimeError):
    """A model cannot be had, read or run; the message says which, and what to do."""


@dataclass(frozen=True)
class FolderOrigin:
    """A folder on this machine."""

    path: Path


@dataclass(frozen=True)
class HubOrigin:
    """A repository of the Hugging Face hub at a commit."""

    repo: str
    commit: str


Origin = FolderOrigin | HubOrigin


@dataclass(frozen=True)
class ModelSpec:
    """A model to be evaluated."""

    name: str
    """As scores name it."""
    origin: str
    """``folder:<path>`` or ``hub:<owner>/<name>@<40 digits of a commit>``."""
    layout: Layout
    precision: Precision
    device: Device
    system: str | None = None
    """System prompt; None: what the model's chat template says by itself."""
    image_encoder: str | None = None
    """An origin. For layout llava: the encoder's folder, where the one that config.json names is not to be used."""


def parse_origin(text: str) -> Origin:
    """The place that an origin names.

    Raises:
        ModelError: if it names none, or no fixed commit; with what to write.
    """
    kind, _, place = text.partition(":")
    if kind == "folder" and place:
        return FolderOrigin(Path(place))
    match = _HUB.fullmatch(place)
    if kind == "hub" and match:
        return HubOrigin(match["repo"], match["commit"])
    raise ModelError(f"origin {text!r}: write folder:<path> or hub:<owner>/<name>@<40 digits of a commit>")
