"""What a record must be like to be trained on. Each check either corrects or refuses with a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from components.ingest.images import UnusableImage, normalise_image
from components.ingest.records import IMAGE_MARK, Message, Record, Rejected, Sample, StoredImage, nfc
from components.ingest.tokens import count_chat, count_plain, load_tokenizer

_BOX = re.compile(r"\[\s*(-?\d*\.\d+)\s*,\s*(-?\d*\.\d+)\s*,\s*(-?\d*\.\d+)\s*,\s*(-?\d*\.\d+)\s*\]")
_ROLES = ("user", "assistant")


class Refused(ValueError):
    """A record that breaks a rule; the text is the reason."""


@dataclass(frozen=True)
class Rules:
    """The limits that a stage's samples must keep."""

    stage: Literal["pretrain", "finetune"]
    image_side: int
    max_length: int
    image_tokens: int
    tokenizer: str
    """Folder of the language model."""
    reserved: tuple[str, ...]
    """Special tokens, which no text may hold."""


def check(record: Record, rules: Rules) -> Sample | Rejected:
    """The record in its final form, or why it is refused."""
    try:
        conversation = clean_conversation(record.conversation, len(record.images), rules.reserved)
        conversation, tokens = fit(conversation, len(record.images), rules)
        images = tuple(StoredImage(i.path, normalise_image(i.data, rules.image_side)) for i in record.images)
    except (Refused, UnusableImage) as refusal:
        return Rejected(record.source, record.id, str(refusal))
    return Sample(replace(record, images=images, conversation=conversation), tokens)


def clean_conversation(turns: Sequence[Message], images: int, reserved: Sequence[str]) -> tuple[Message, ...]:
    """Composed, trimmed text; roles in turn; all image marks at the start of the first question.

    Raises:
        Refused: naming the rule.
    """
    _check_roles(turns)
    marks = sum(turn.content.count(IMAGE_MARK) for turn in turns)
    if marks != images:
        raise Refused(f"image marks and images differ: {marks} x {IMAGE_MARK}, {images} images")
    cleaned = tuple(_clean(turn, reserved) for turn in turns)
    for index, turn in enumerate(cleaned):
        only_images = index == 0 and images > 0
        if not turn.content and not only_images:
            raise Refused("empty answer" if turn.role == "assistant" else "empty question")
    first = replace(cleaned[0], content=f"{IMAGE_MARK}\n" * images + cleaned[0].content)
    return (first, *cleaned[1:])


def fit(conversation: Sequence[Message], images: int, rules: Rules) -> tuple[tuple[Message, ...], int]:
    """The conversation without as many of its last turns as are too many, and its length in tokens.

    Raises:
        Refused: if not even the first turn fits. (Cutting it could lose image tokens or half an answer.)
    """
    tokenizer = load_tokenizer(rules.tokenizer)
    kept = tuple(conversation[:2] if rules.stage == "pretrain" else conversation)
    while kept:
        if rules.stage == "pretrain":
            tokens = count_plain(tokenizer, kept[1].content, images, rules.image_tokens)
        else:
            tokens = count_chat(tokenizer, kept, rules.image_tokens)
        if tokens <= rules.max_length:
            return kept, tokens
        kept = kept[:-2]
    raise Refused(f"too long: the first turn alone has {tokens} tokens, ingest.max_length is {rules.max_length}")


def _check_roles(turns: Sequence[Message]) -> None:
    if not turns:
        raise Refused("no turns")
    if len(turns) % 2 or any(turn.role != _ROLES[index % 2] for index, turn in enumerate(turns)):
        raise Refused(f"roles do not alternate: {', '.join(turn.role for turn in turns[:6])}")


def _clean(turn: Message, reserved: Sequence[str]) -> Message:
    if turn.role == "assistant" and IMAGE_MARK in turn.content:
        raise Refused("image mark in an answer")
    text = nfc(turn.content.replace(IMAGE_MARK, "").replace("\r\n", "\n")).strip()
    # Removing a mark can put a new one together from its halves.
    found = next((token for token in (*reserved, IMAGE_MARK) if token in text), None)
    if found:
        raise Refused(f"special token in the text: {found}")
    if turn.role == "assistant":
        _check_box(text)
    return replace(turn, content=text)


def _check_box(answer: str) -> None:
    """An answer that is a box has its corners inside the image and in order."""
    found = _BOX.fullmatch(answer)
    if found is None:
        return
    x1, y1, x2, y2 = map(float, found.groups())
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise Refused(f"box outside the image or empty: {answer}")
