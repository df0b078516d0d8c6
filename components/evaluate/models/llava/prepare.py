"""A checkpoint in LLaVA's original layout, once made into a ``from_pretrained`` folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from transformers import GenerationConfig, LlavaForConditionalGeneration, LlavaProcessor

from components.evaluate.models.llava.configuration import read_original, to_transformers
from components.evaluate.models.llava.conversation import CHAT_TEMPLATE, IMAGE, STOP, TURN_END, read_tokenizer
from components.evaluate.models.llava.encoder import locate_encoder, read_config, read_image_processor, read_weights
from components.evaluate.models.llava.shards import Stored, read_shards
from components.evaluate.models.llava.weights import fill, holds_encoder, rename
from components.evaluate.models.places import Place
from components.files.atomic import new_folder
from components.fingerprints.fingerprint import of_code


def prepare_llava(source: Place, image_encoder: str | None, scratch: Path) -> Place:
    """The converted checkpoint, which ``scratch`` keeps by the digest of all it is made from.

    Args:
        source: the checkpoint.
        image_encoder: origin of the encoder, in place of the one that config.json names.
        scratch: folder for conversions; another process may be at the same one.

    Raises:
        ModelError: if the checkpoint is not whole, or not of this layout.
    """
    original = read_original(source.folder)
    stored = read_shards(source.folder)
    encoder = locate_encoder(original["mm_vision_tower"], image_encoder, holds_encoder(stored), scratch)
    digest = _digest(source.digest, encoder.digest)
    target = scratch / f"llava-{digest[:32]}"
    scratch.mkdir(parents=True, exist_ok=True)
    with FileLock(scratch / f"{target.name}.lock"):
        if not target.is_dir():
            with new_folder(target) as folder:
                _convert(source.folder, original, stored, encoder.folder, folder)
    return Place(target, digest)


def _convert(source: Path, original: dict[str, Any], stored: dict[str, Stored], encoder: Path, target: Path) -> None:
    """Write model and processor into ``target``. Weights keep their number format, and pass through memory a shard at a
    time."""
    tokenizer = read_tokenizer(source)
    config = to_transformers(original, read_config(encoder), tokenizer.convert_tokens_to_ids(IMAGE))
    with torch.device("meta"):
        model = LlavaForConditionalGeneration(config)
    weights = rename(stored) if holds_encoder(stored) else rename(stored) | read_weights(encoder)
    fill(model, weights, source)
    model.generation_config = _generation(source, original, tokenizer)
    model.save_pretrained(target, max_shard_size="1GB")
    LlavaProcessor(
        image_processor=read_image_processor(encoder, original.get("image_aspect_ratio") == "pad"),
        tokenizer=tokenizer,
        patch_size=config.vision_config.patch_size,
        vision_feature_select_strategy=config.vision_feature_select_strategy,
        num_additional_image_tokens=1,  # the class token
        image_token=IMAGE,
        chat_template=CHAT_TEMPLATE,
    ).save_pretrained(target)


def _generation(source: Path, original: dict[str, Any], tokenizer: Any) -> GenerationConfig:
    """Only what ends an answer, and what never is one. How answers are chosen is the evaluation's affair."""
    file = source / "generation_config.json"
    said = original | (json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {})
    ends = said.get("eos_token_id")
    known = ends if isinstance(ends, list) else [] if ends is None else [ends]
    return GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=sorted({*known, tokenizer.convert_tokens_to_ids(TURN_END)}),
        pad_token_id=tokenizer.pad_token_id,
        suppress_tokens=[tokenizer.convert_tokens_to_ids(IMAGE)],
        stop_strings=[STOP],
    )


def _digest(*parts: str) -> str:
    code = of_code(__name__, without=("components.evaluate.models.places",)).digest
    return hashlib.sha256("\n".join([code, *parts]).encode()).hexdigest()
