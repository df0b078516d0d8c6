"""What the licences of a model's backbones and data ask; licences.yaml lists the backbones'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from components.params.schema import Backbone, HubBackbone, Params, ShippedBackbone
from components.params.section import Section

DATA_CARD = Path("artifacts/ingest/card.json")
PARTS = ("image_encoder", "language_model")
MODEL_NAME = "Small Korean VLM"
_FILE = Path(__file__).with_suffix(".yaml")


class Words(Section):
    """For both kinds of readers."""

    en: str
    ko: str


class Terms(Section):
    """What a backbone's licence asks."""

    title: str
    identifier: str | None
    """As the Hugging Face hub calls it."""
    link: str | None
    source: str | None
    """Where the conditions were read."""
    name_prefix: str | None
    """With what the name of a model that is passed on must begin."""
    shown: str | None
    """What must be shown prominently."""
    text_needed: bool
    """Whether the licence's text must be handed on."""
    notice: str | None
    """What must stand in the file NOTICE."""
    conditions: Words
    check: Words
    """What the reader must find out himself."""


_NOT_KNOWN = Terms(
    title="not known",
    identifier=None,
    link=None,
    source=None,
    name_prefix=None,
    shown=None,
    text_needed=False,
    notice=None,
    conditions=Words(en="Not known.", ko="알 수 없다."),
    check=Words(
        en="Read this backbone's own licence before you use the bundle or pass it on.",
        ko="쓰거나 배포하기 전에 이 백본의 이용 조건을 읽는다.",
    ),
)


def licences_of(params: Params) -> dict[str, Any]:
    """Licences of a model's parts and data, as its manifest holds them.

    Returns:
        ``name`` (of the model, as the licences want it), ``shown`` (what must be shown prominently), ``parts`` (a
        part's name: its ``origin`` and its Terms), ``data`` (a licence of ingest's data card: its title, conditions,
        link, and the ``sources`` under it; empty where there is no data card).
    """
    parts = {name: _part(getattr(params.backbones, name)) for name in PARTS}
    return {
        "name": " ".join([*_each(parts, "name_prefix"), MODEL_NAME]),
        "shown": _each(parts, "shown"),
        "parts": parts,
        "data": _data(),
    }


def origin_of(backbone: Backbone) -> str:
    """As licences.yaml names it; of a local folder only its name, since paths tell of machines."""
    if isinstance(backbone, HubBackbone):
        return f"hub:{backbone.repo}"
    if isinstance(backbone, ShippedBackbone):
        return f"shipped:{backbone.name}"
    return f"folder:{Path(backbone.path).name}"


def _part(backbone: Backbone) -> dict[str, Any]:
    known = TypeAdapter(dict[str, Terms]).validate_python(YAML(typ="safe").load(_FILE.read_text(encoding="utf-8")))
    origin = origin_of(backbone)
    return {
        "origin": origin,
        "revision": backbone.revision if isinstance(backbone, HubBackbone) else None,
        **known.get(origin, _NOT_KNOWN).model_dump(),
    }


def _each(parts: dict[str, dict[str, Any]], key: str) -> list[str]:
    """What the parts' licences want under a key, each once."""
    return list(dict.fromkeys(part[key] for part in parts.values() if part[key]))


def read_data_card() -> dict[str, Any]:
    """What ingest tells of the data; no sources and no licences where it left no card."""
    if not DATA_CARD.is_file():
        return {"sources": [], "licences": {}}
    card: dict[str, Any] = json.loads(DATA_CARD.read_text(encoding="utf-8"))
    return card


def _data() -> dict[str, Any]:
    card = read_data_card()
    return {
        name: {**licence, "sources": [one["name"] for one in card["sources"] if one["licence"] == name]}
        for name, licence in card["licences"].items()
    }
