"""Length of samples in tokens, counted with the language model's own tokenizer and chat template."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from components.ingest.checks.rules import Rules
from components.ingest.records import IMAGE_MARK, BadRow, Message, SourceError

Conversation = tuple[Message, ...]
Fitted = tuple[Conversation, int] | BadRow
"""What is left of a conversation and its tokens, or why nothing is."""


def require_language_model(folder: str) -> None:
    """Raise SourceError if there is no folder; loading the tokenizer takes seconds, and is left to the workers."""
    if not Path(folder).is_dir():
        raise SourceError(f"{folder} not found: run the stage before this one, `dvc repro backbones`")


@lru_cache(maxsize=2)
def load_tokenizer(folder: str) -> Any:
    """The tokenizer of a ``from_pretrained`` folder; loaded once a process.

    Raises:
        SourceError: if there is none, or it has no chat template.
    """
    require_language_model(folder)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # each worker has a core of its own
    from transformers import AutoTokenizer  # takes seconds, and only the processes that count need it

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if not tokenizer.chat_template:
        raise SourceError(f"{folder} has no chat template: use an instruction-tuned language model")
    return tokenizer


def fit(conversations: Sequence[Conversation], rules: Rules) -> list[Fitted]:
    """Each conversation without as many of its last turns as are too many, and its length in tokens.

    Stage 1 keeps the first turn alone. Where not even that fits, there is a reason instead: cutting it could lose image
    tokens or half an answer.
    """
    wanted = [turns[:2] if rules.stage == "pretrain" else turns for turns in conversations]
    return [
        (turns, tokens) if tokens <= rules.max_length else _shorten(turns, tokens, rules)
        for turns, tokens in zip(wanted, count(wanted, rules), strict=True)
    ]


def count(conversations: Sequence[Conversation], rules: Rules) -> list[int]:
    """Tokens of each conversation in the format of the stage, images included."""
    tokenizer = load_tokenizer(rules.tokenizer)
    if rules.stage == "pretrain":
        # Images, a caption and the end of the turn.
        texts, added = [turns[1].content for turns in conversations], 1
        marks = [turns[0].content.count(IMAGE_MARK) for turns in conversations]
    else:
        plain = [[{"role": turn.role, "content": turn.content} for turn in turns] for turns in conversations]
        texts, added = tokenizer.apply_chat_template(plain, tokenize=False) if plain else [], 0
        marks = [text.count(IMAGE_MARK) for text in texts]
    pieces = [text.split(IMAGE_MARK) for text in texts]
    flat = [piece for group in pieces for piece in group]
    encoded = iter(tokenizer.backend_tokenizer.encode_batch_fast(flat, add_special_tokens=False))
    return [
        sum(len(next(encoded)) for _ in group) + images * rules.image_tokens + added
        for group, images in zip(pieces, marks, strict=True)
    ]


def _shorten(turns: Conversation, tokens: int, rules: Rules) -> Fitted:
    while tokens > rules.max_length:
        turns = turns[:-2]
        if not turns:
            return BadRow(
                f"too long: the first turn alone has {tokens} tokens, ingest.max_length is {rules.max_length}"
            )
        (tokens,) = count([turns], rules)
    return turns, tokens
