"""What names a model: where it lies, in which layout, and how it is to be run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from components.stages.errors import UserError

Layout = Literal["own", "transformers", "llava", "bundle", "endpoint"]
"""``own``: a model of this project. ``transformers``: any image-text-to-text model of transformers. ``llava``: a
checkpoint of the original LLaVA code, before transformers had the model. ``bundle``: what stage export writes.
``endpoint``: what somebody serves over OpenAI's protocol."""
NOT_TORCHS: tuple[Layout, ...] = ("bundle", "endpoint")
"""Layouts of models that torch does not run, and for which no GPU is taken here."""
Precision = Literal["fp32", "bf16", "int8", "int4", "bundle", "endpoint"]
"""``bundle``: as the files of a bundle have it; ``endpoint``: as who serves it has it."""
Device = Literal["cpu", "gpu"]

_HUB = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<commit>[0-9a-f]{40})")
_ENDPOINT = re.compile(r"(?P<base_url>https?://[^#\s]+)#(?P<model>\S+)")


class ModelError(UserError):
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

    def __str__(self) -> str:
        return f"hub:{self.repo}@{self.commit}"


@dataclass(frozen=True)
class EndpointOrigin:
    """A model that a server has."""

    base_url: str
    model: str

    def __str__(self) -> str:
        return f"endpoint:{self.base_url}#{self.model}"


Origin = FolderOrigin | HubOrigin | EndpointOrigin


@dataclass(frozen=True)
class ModelSpec:
    """A model to be evaluated."""

    name: str
    """As scores name it."""
    origin: str
    """``folder:<path>``, ``hub:<owner>/<name>@<40 digits of a commit>`` or ``endpoint:<base url>#<model>``."""
    layout: Layout
    precision: Precision
    device: Device
    system: str | None = None
    """System prompt; None: what the model's chat template says by itself."""
    image_encoder: str | None = None
    """An origin. For layout llava: the encoder's folder, where the one that config.json names is not to be used."""
    key_env: str | None = None
    """For layout endpoint: the environment variable that holds the key; None: none is needed."""
    version: str | None = None
    """For layout endpoint: of what is served, if whoever serves it says so; None: unknown."""

    @property
    def is_torchs(self) -> bool:
        """Whether torch runs it, in this project's processes."""
        return self.layout not in NOT_TORCHS


def parse_origin(text: str) -> Origin:
    """The place that an origin names.

    Raises:
        ModelError: if it names none, or no fixed commit; with what to write.
    """
    kind, _, place = text.partition(":")
    if kind == "folder" and place:
        return FolderOrigin(Path(place))
    if kind == "endpoint" and (served := _ENDPOINT.fullmatch(place)):
        return EndpointOrigin(served["base_url"], served["model"])
    match = _HUB.fullmatch(place)
    if kind == "hub" and match:
        return HubOrigin(match["repo"], match["commit"])
    raise ModelError(
        f"origin {text!r}: write folder:<path>, hub:<owner>/<name>@<40 digits of a commit> or "
        "endpoint:http://<address>/v1#<model>"
    )
