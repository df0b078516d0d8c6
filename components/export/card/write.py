"""The card of a bundle: README.md in English and Korean with the Hugging Face hub's front matter, and NOTICE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelCardData
from jinja2 import Environment, StrictUndefined

from components.bundles.manifest import MANIFEST, Manifest
from components.bundles.openvino.config import read_config
from components.evaluate.comparison.report.layout import plain
from components.evaluate.comparison.report.texts import Language
from components.export.card.licences import PARTS, licences_of, read_data_card
from components.export.card.notice import copy_licences, write_notice
from components.export.quality.report import quality_lines, refused_lines
from components.export.quality.results import Quality
from components.export.speed.report import speed_lines
from components.export.texts import say_form
from components.files.atomic import write_text
from components.params.schema import HubBackbone, Params

__all__ = ["CARD", "LLAMA_CPP", "licences_of", "write_card"]

CARD = "README.md"
LLAMA_CPP = "llama_cpp"
"""Among a manifest's quality: whether the llama.cpp at hand read pictures rightly."""
_TEMPLATES = Path(__file__).parent
_LANGUAGES: tuple[Language, ...] = ("en", "ko")
_LEVEL = 3
"""Of headings within the card's sections."""
_HUB = "hub:"
_NO_SOURCE: dict[str, Any] = {"git": None, "dvc": {}, "model": None, "versions": {}}
"""What components.export.source describes, where it was not asked."""


@dataclass(frozen=True)
class _File:
    name: str
    mb: float


def write_card(folder: Path, manifest: Manifest, params: Params) -> None:
    """Write README.md and NOTICE, and copy the backbones' licences, into a bundle's folder.

    Args:
        folder: with all files of the bundle but the manifest, which lists those that are written here, too.
        manifest: name, format, weights, source, licences, quality and speed; its files are not looked at.
        params: what the run was made with.
    """
    licences = manifest.licences or licences_of(params)
    copies = copy_licences(folder)
    write_notice(folder, licences)
    context = _context(folder, manifest, params, licences, copies)
    body = "\n\n".join(_render(language, context | _measured(manifest, language)) for language in _LANGUAGES)
    card = ModelCard(f"---\n{_front_matter(manifest, params, licences).to_yaml()}\n---\n\n{body}\n")
    write_text(folder / CARD, str(card))


def _front_matter(manifest: Manifest, params: Params, licences: Mapping[str, Any]) -> ModelCardData:
    hub = [one.repo for one in (getattr(params.backbones, part) for part in PARTS) if isinstance(one, HubBackbone)]
    origins = [source["origin"] for source in read_data_card()["sources"]]
    datasets = {"/".join(re.split("[/@]", one.removeprefix(_HUB))[:2]) for one in origins if one.startswith(_HUB)}
    language_model = licences["parts"]["language_model"]
    return ModelCardData(
        language="ko",
        license="other",  # more than one holds: the card lists them
        license_name=language_model["identifier"] or "see-readme",
        license_link=language_model["link"] if language_model["identifier"] else CARD,
        library_name="openvino" if manifest.format == "openvino" else None,
        pipeline_tag="image-text-to-text",
        tags=[manifest.format, "llava", "korean", manifest.weights.lower()],
        base_model=hub or None,
        datasets=sorted(datasets) or None,
        model_name=f"{licences['name']} {manifest.weights}",
    )


def _render(language: str, context: Mapping[str, Any]) -> str:
    # Markdown, not HTML: nothing is escaped here, names of unknown content go through ``plain``.
    environment = Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters["plain"] = plain
    template = environment.from_string((_TEMPLATES / f"card.{language}.txt").read_text(encoding="utf-8"))
    return template.render(context).strip()


def _context(
    folder: Path,
    manifest: Manifest,
    params: Params,
    licences: Mapping[str, Any],
    copies: Mapping[str, list[str]],
) -> dict[str, Any]:
    files = [_File(str(path.relative_to(folder)), path.stat().st_size / 1e6) for path in _files(folder)]
    return {
        "manifest": manifest,
        "licences": licences,
        "copies": copies,
        "copies_missing": [part for part in PARTS if licences["parts"][part]["text_needed"] and not copies[part]],
        "total_mb": sum(file.mb for file in files),
        "sizes": _by_stem(files),
        "llama_cpp": manifest.quality.get(LLAMA_CPP),
        "source": _NO_SOURCE | manifest.source,
        "model": params.model,
        "image_tokens": params.model.image_tokens_per_side**2,
        "seed": params.seed,
        "profile": params.profile,
        "preprocessing": _preprocessing(folder),
        "language_model_file": _named(files, "language_model-"),
        "projector_file": _named(files, "projector-"),
    }


def _measured(manifest: Manifest, language: Language) -> dict[str, str]:
    """Form, quality and speed as Markdown; "": there is but one form, or it was not measured."""
    found = {key: value for key, value in manifest.quality.items() if key != LLAMA_CPP}
    quality = {manifest.name: Quality.model_validate(found)} if found else {}
    refused = {manifest.name: manifest.refused_forms} if manifest.refused_forms else {}
    return {
        "form": say_form(manifest.form, language) if manifest.form else "",
        "refused_forms": "\n".join(refused_lines(refused, language)).strip(),
        "quality": "\n".join(quality_lines(quality, language, _LEVEL)).strip() if quality else "",
        "speed": "\n".join(speed_lines(manifest.speed, language)).strip() if manifest.speed else "",
    }


def _files(folder: Path) -> list[Path]:
    left_out = {CARD, MANIFEST}
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in left_out)


def _by_stem(files: list[_File]) -> list[_File]:
    """An OpenVINO model's two files in one line; what is below 0.1 MB is left out."""
    stems = groupby(files, lambda file: file.name.removesuffix(".xml").removesuffix(".bin"))
    return [_File(stem, mb) for stem, group in stems if (mb := sum(file.mb for file in group)) >= 0.1]


def _preprocessing(folder: Path) -> dict[str, Any] | None:
    """Side, mean and standard deviation, where the bundle says so in files of its own."""
    if not (folder / "preprocessor_config.json").is_file() or not (folder / "config.json").is_file():
        return None
    return asdict(read_config(folder).preprocessing)


def _named(files: list[_File], start: str) -> str | None:
    return next((file.name for file in files if file.name.startswith(start)), None)
