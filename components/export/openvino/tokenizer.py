"""The tokenizer as files of a bundle: for programs that read tokenizer.json, and as OpenVINO's own two models."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from itertools import chain
from pathlib import Path

import openvino as ov
from openvino_tokenizers import convert_tokenizer
from transformers import AutoTokenizer

from components.bundles.conversation import TEMPLATE
from components.bundles.openvino import names
from components.export.openvino.changes import change_json, without_code
from components.export.openvino.pretokenizer import isolate_split
from components.export.openvino.tokenizer_check import TEXTS, warn_of_difference
from components.files.atomic import write_text
from components.model.processing import KoreanVlmProcessor


def write_tokenizer(folder: Path, processor: KoreanVlmProcessor, texts: Iterable[str] = ()) -> None:
    """Write tokenizer, detokenizer and chat template; the image token is called as OpenVINO GenAI calls it.

    Texts, and some that tokenizers trip over, are read by both tokenizers. If ids differ, that is logged as a warning.
    """
    processor.tokenizer.save_pretrained(folder)
    for name in (names.TOKENIZER, "tokenizer_config.json"):
        change_json(folder / name, without_code, partial(_renamed, token=processor.image_token))
    write_text(folder / TEMPLATE, processor.chat_template.replace(processor.image_token, names.IMAGE_TOKEN))
    logging.getLogger("openvino_tokenizers").setLevel(logging.WARNING)  # it would tell that it begins
    reworded = AutoTokenizer.from_pretrained(folder)
    isolate_split(reworded)
    tokenizer, detokenizer = convert_tokenizer(reworded, with_detokenizer=True, skip_special_tokens=True)
    ov.save_model(tokenizer, folder / names.OV_TOKENIZER)
    ov.save_model(detokenizer, folder / names.OV_DETOKENIZER)
    renamed = (text.replace(processor.image_token, names.IMAGE_TOKEN) for text in texts)
    warn_of_difference(folder, AutoTokenizer.from_pretrained(folder), chain(TEXTS, renamed))


def _renamed(value: object, token: str) -> object:
    """The same JSON value with the token's name changed wherever it stands, as a key, too."""
    if isinstance(value, dict):
        return {_renamed(key, token): _renamed(inner, token) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, token) for inner in value]
    return names.IMAGE_TOKEN if value == token else value
