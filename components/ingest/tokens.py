"""Length of a sample in tokens, counted with the language model's own tokenizer and chat template."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from components.ingest.records import IMAGE_MARK, Message, SourceError


@lru_cache(maxsize=2)
def load_tokenizer(folder: str) -> Any:
    """The tokenizer of a ``from_pretrained`` folder; loaded once a process.

    Raises:
        SourceError: if there is none, or it has no chat template.
    """
    if not Path(folder).is_dir():
        raise SourceError(f"{folder} not found: run the stage before this one, `dvc repro backbones`")
    from transformers import AutoTokenizer  # takes seconds, and only the processes that count need it

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if not tokenizer.chat_template:
        raise SourceError(f"{folder} has no chat template: use an instruction-tuned language model")
    return tokenizer


def count_chat(tokenizer: Any, conversation: Sequence[Message], image_tokens: int) -> int:
    """Tokens of a conversation in the chat template, each image counted as ``image_tokens``."""
    turns = [{"role": message.role, "content": message.content} for message in conversation]
    pieces = tokenizer.apply_chat_template(turns, tokenize=False).split(IMAGE_MARK)
    return _count(tokenizer, pieces) + image_tokens * (len(pieces) - 1)


def count_plain(tokenizer: Any, answer: str, images: int, image_tokens: int) -> int:
    """Tokens of images, a caption and the end of the turn: the format of stage 1."""
    return images * image_tokens + _count(tokenizer, [answer]) + 1


def _count(tokenizer: Any, pieces: Sequence[str]) -> int:
    encoded = tokenizer([piece for piece in pieces if piece], add_special_tokens=False)
    return sum(len(ids) for ids in encoded["input_ids"])
