"""Token ids and labels of a sample, built together, segment by segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from transformers import PreTrainedTokenizerBase

IGNORED = -100
IMAGE = "<image>"
Format = Literal["plain", "chat"]


class Message(TypedDict):
    """One turn of a conversation."""

    role: str
    content: str


@dataclass(frozen=True)
class Markup:
    """What is written around turns, and what an image is written as."""

    image_token: str
    image_tokens: int
    turn_end: str
    end: str


@dataclass(frozen=True)
class Encoded:
    """Ids and labels of equal length; labels are IGNORED where nothing is to be learnt."""

    ids: list[int]
    labels: list[int]


class TooLong(ValueError):
    """A sample's images alone do not fit into the maximum length."""


def encode(
    conversation: Sequence[Message],
    layout: Format,
    tokenizer: PreTrainedTokenizerBase,
    markup: Markup,
    max_length: int,
) -> Encoded:
    """A conversation as ids and labels.

    ``plain`` (stage 1) is image, then caption: the question is dropped, only the caption and its end carry loss.
    ``chat`` (stage 2) is the chat template: every assistant turn, with its end of turn, carries loss.
    What is longer than ``max_length`` loses text from its end, never image tokens.

    Raises:
        TooLong: if cutting would cut into image tokens, or leave nothing to learn.
    """
    segments = _plain(conversation, markup) if layout == "plain" else _chat(conversation, markup)
    ids: list[int] = []
    labels: list[int] = []
    for text, learns in segments:
        tokens = tokenizer.encode(
            text.replace(IMAGE, markup.image_token * markup.image_tokens), add_special_tokens=False
        )
        ids += tokens
        labels += tokens if learns else [IGNORED] * len(tokens)
    image_id = tokenizer.convert_tokens_to_ids(markup.image_token)
    cut = Encoded(ids[:max_length], labels[:max_length])
    if image_id in ids[max_length:] or all(label == IGNORED for label in cut.labels):
        raise TooLong(
            f"{len(ids)} tokens do not fit into max_length = {max_length} without losing an image or all answers"
        )
    return cut


def _plain(conversation: Sequence[Message], markup: Markup) -> Iterator[tuple[str, bool]]:
    images = sum(message["content"].count(IMAGE) for message in conversation)
    caption = next(message["content"] for message in conversation if message["role"] == "assistant")
    yield IMAGE * images, False
    yield caption + markup.end, True


def _chat(conversation: Sequence[Message], markup: Markup) -> Iterator[tuple[str, bool]]:
    """What the model reads up to an answer is one segment, so that it is tokenised as it will be when serving."""
    heard = ""
    for message in conversation:
        if message["role"] == "assistant":
            yield heard + "<|im_start|>assistant\n", False
            yield message["content"] + markup.turn_end + markup.end, True
            heard = "\n"
        else:
            heard += f"<|im_start|>{message['role']}\n{message['content']}{markup.turn_end}\n"
