"""Whether OpenVINO's tokenizer in a bundle reads text as that of transformers does."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import openvino as ov
import openvino_tokenizers  # noqa: F401 (its operations become known to OpenVINO)
from transformers import PreTrainedTokenizerBase

from components.bundles.openvino import names

TEXTS = (
    "그림을  보고   답해요.  ",
    "  앞에서\n\n\n줄을  바꾸고\r\n\t 칸을 띄운다",
    "👩‍👩‍👧‍👦 🇰🇷  ☕️",
    "ㅋㅋㅋ 漢字와 English, かな: 1,234.50  (3%)",
    "Don't  I'LL 'quote' [A] {b} <c>",
    f"<|im_start|>user\n{names.IMAGE_TOKEN}\n무엇인가요?<|im_end|>\n<|im_start|>assistant\n",
)
"""What tokenizers trip over. Texts that a model is calibrated on come beside them."""

_log = logging.getLogger(__name__)


def first_difference(folder: Path, tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> str | None:
    """The first text that a bundle's OpenVINO tokenizer gives other ids for, or fails on."""
    compiled = ov.Core().compile_model(folder / names.OV_TOKENIZER, "CPU")
    for text in texts:
        try:
            found = [int(one) for one in compiled([text])["input_ids"][0]]
        except RuntimeError:
            return text
        if found != tokenizer(text)["input_ids"]:
            return text
    return None


def warn_of_difference(folder: Path, tokenizer: PreTrainedTokenizerBase, texts: Iterable[str]) -> None:
    """Log the first text, if any, that a user of the bundle would be answered otherwise than by the model."""
    text = first_difference(folder, tokenizer, texts)
    if text is not None:
        _log.warning("%s: OpenVINO's tokenizer gives other ids than transformers' for %r", folder.name, text[:200])
