"""Getting a model ready to answer, in two steps: its files on this machine, then the model in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.evaluate.models.bundles import locate_bundle
from components.evaluate.models.endpoints import locate_endpoint
from components.evaluate.models.llava.prepare import prepare_llava
from components.evaluate.models.loaded import Loaded
from components.evaluate.models.own import load_own
from components.evaluate.models.places import Place, locate, model_files
from components.evaluate.models.precision import compute_dtype
from components.evaluate.models.pretrained import load_pretrained
from components.evaluate.models.spec import Device, Layout, ModelError, ModelSpec, Precision, parse_origin

_LOADERS: dict[Layout, Callable[[Path, Precision, Device], tuple[Any, Any]]] = {
    "own": load_own,
    "transformers": load_pretrained,
    "llava": load_pretrained,  # prepare has converted it
}


def load(spec: ModelSpec, scratch: Path) -> Loaded:
    """The model in memory.

    Raises:
        ModelError: if it cannot be had, read or run; the message says why, and what to do.
    """
    return load_prepared(spec, prepare(spec, scratch))


def prepare(spec: ModelSpec, scratch: Path, run: str | None = None) -> Place:
    """The folder that the model is loaded from, and the digest of what its answers depend on.

    A model of the hub is downloaded, one in LLaVA's original layout is converted: once, into ``scratch``.

    Args:
        run: of the evaluation, to which answers of an endpoint belong; None: one of its own.
    """
    if spec.layout == "bundle":
        return locate_bundle(parse_origin(spec.origin))
    if spec.layout == "endpoint":
        return locate_endpoint(spec, run)
    place = locate(parse_origin(spec.origin), scratch, model_files)
    return prepare_llava(place, spec.image_encoder, scratch) if spec.layout == "llava" else place


def load_prepared(spec: ModelSpec, place: Place) -> Loaded:
    """The model from the folder that ``prepare`` gave.

    Raises:
        ModelError: if it cannot be read or run by torch, as a bundle or an endpoint cannot.
    """
    if not spec.is_torchs:
        raise ModelError(f"{spec.name} is of layout {spec.layout}, which torch does not run: use predict.runtimes")
    model, processor = _LOADERS[spec.layout](place.folder, spec.precision, spec.device)
    tokenizer = processor.tokenizer
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return Loaded(spec, model, processor, compute_dtype(spec.precision, spec.device), place.digest)
