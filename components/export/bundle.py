"""Writing a bundle: the three OpenVINO models, the tokenizer, settings and a manifest with hashes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import openvino as ov

from components.export import layout
from components.files.atomic import write_json
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor


def write_bundle(
    folder: Path,
    image_encoder: ov.Model,
    embeddings: ov.Model,
    language_model: ov.Model,
    model: KoreanVlmForConditionalGeneration,
    processor: KoreanVlmProcessor,
) -> dict[str, dict[str, Any]]:
    """Write all files into an empty folder; returns size and hash of each."""
    for name, part in (
        (layout.IMAGE_ENCODER, image_encoder),
        (layout.EMBEDDINGS, embeddings),
        (layout.LANGUAGE_MODEL, language_model),
    ):
        ov.save_model(part, folder / name)
    processor.tokenizer.save_pretrained(folder)
    # OpenVINO GenAI knows this arrangement (its own projector is part of the image encoder's graph) as llava.
    config = model.config.to_dict() | {"model_type": "llava"}
    write_json(folder / "config.json", json.loads(json.dumps(config, default=str)))
    processor.image_processor.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    for path in sorted(folder.glob("*.json")):
        _drop_code(path)
    write_json(folder / layout.SETTINGS, _settings(model, processor))
    files = {path.name: _entry(path) for path in sorted(folder.iterdir())}
    write_json(folder / layout.MANIFEST, {"files": files, "weights": "int8"})
    return files


def _drop_code(path: Path) -> None:
    """Take out of a configuration which Python files have its classes: a bundle has no such files."""
    content = json.loads(path.read_text(encoding="utf-8"))
    if content.pop("auto_map", None):
        write_json(path, content)


def _settings(model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor) -> dict[str, Any]:
    """What runtime.py needs to know beyond the graphs."""
    image_processor = processor.image_processor
    return {
        "image_side": model.config.vision_config.image_size,
        "mean": list(image_processor.image_mean),
        "std": list(image_processor.image_std),
        "image_token": processor.image_token,
        "image_token_id": model.config.image_token_index,
        "image_tokens": model.config.image_seq_length,
        "end_ids": model.generation_config.eos_token_id,
    }


def _entry(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
