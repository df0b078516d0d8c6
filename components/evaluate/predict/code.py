"""The code that answers, as far as it runs here: with other code, a model's stored answers are not taken up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from components.bundles.manifest import read_manifest
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.fingerprints.code import ROOT
from components.fingerprints.fingerprint import Fingerprint, of_code
from components.fingerprints.libraries import TABLES, versions
from components.fingerprints.plugins import CONNECTORS, LOADERS

_START = "components.evaluate.predict.answer"
_FETCHES_OR_STORES = (
    "components.evaluate.items",
    "components.evaluate.models.places",
    "components.evaluate.predict.code",
    "components.evaluate.predict.on_ray",
    "components.evaluate.predict.parts",
    "components.evaluate.predict.predictions",
    "components.evaluate.predict.run",
)
_LLAVA, _ENDPOINTS = "components.evaluate.models.llava", "components.evaluate.models.endpoints"
_NOT_TORCHS = ("components.bundles", "components.evaluate.models.bundles", "components.evaluate.predict.runtimes")
_NOT_BUNDLES = (
    "components.bundles.endpoint",
    "components.evaluate.models.loading",
    "components.evaluate.predict.answerer",
)
_FORMATS = {"openvino": "components.bundles.openvino", "gguf": "components.bundles.llama_cpp"}


def answering_code(spec: ModelSpec, place: Place, root: Path = ROOT) -> str:
    """Digest of the code and the libraries that a model's answers come from, of its own layout alone.

    "" for what is served elsewhere: its answers were paid for, and are known by what was asked.

    Args:
        spec: the model.
        place: its files.
        root: the folder in which the package ``components`` lies.
    """
    if spec.layout == "endpoint":
        return ""
    found = _of_bundle(place.folder, root) if spec.layout == "bundle" else _of_torchs(spec, place.folder, root)
    quantises = versions(["bitsandbytes"]) if spec.precision in ("int8", "int4") else {}
    return replace(found, libraries={**found.libraries, **quantises}).digest


def _of_torchs(spec: ModelSpec, folder: Path, root: Path) -> Fingerprint:
    chosen = {LOADERS: frozenset({spec.layout})}
    if spec.layout == "own":
        chosen[CONNECTORS] = frozenset({json.loads((folder / "config.json").read_text(encoding="utf-8"))["connector"]})
    others = _NOT_TORCHS if spec.layout == "llava" else (*_NOT_TORCHS, _LLAVA)
    return of_code(
        _START,
        chosen=chosen,
        without=(*_FETCHES_OR_STORES, _ENDPOINTS, *others),
        libraries_without=TABLES,
        root=root,
    )


def _of_bundle(folder: Path, root: Path) -> Fingerprint:
    own = read_manifest(folder).format
    others = (package for form, package in _FORMATS.items() if form != own)
    return of_code(
        _START,
        without=(*_FETCHES_OR_STORES, _ENDPOINTS, *_NOT_BUNDLES, *others),
        libraries_without=(*TABLES, "torch"),
        root=root,
    )
