"""Columns of a chunk's two files, and of shards."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from components.ingest.checks.check import Sample
from components.ingest.checks.images import StoredImage
from components.ingest.checks.looks import LOOK_BYTES
from components.ingest.records import IMAGE_MARK, Message, Rejected, nfc

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
SHARD = pa.schema(
    [
        ("id", pa.string()),
        ("source", pa.string()),
        ("images", pa.list_(IMAGE)),
        ("conversation", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
        ("licence", pa.string()),
        ("split_key", pa.string()),
        ("tokens", pa.int32()),
    ]
)
"""Also those of a chunk's samples."""
NOTE = pa.schema(
    [
        ("id", pa.string()),
        ("reason", pa.string()),
        ("split_key", pa.string()),
        ("tokens", pa.int32()),
        ("bytes", pa.int64()),
        ("turns", pa.int32()),
        ("hangul", pa.float32()),
        ("text", pa.binary(8)),
        ("questions", pa.list_(pa.binary(8))),
        (
            "images",
            pa.list_(
                pa.struct(
                    [
                        ("digest", pa.binary(16)),
                        ("look", pa.binary(LOOK_BYTES)),
                        ("plain", pa.bool_()),
                        ("width", pa.int32()),
                        ("height", pa.int32()),
                    ]
                )
            ),
        ),
    ]
)
"""What is noted of every row, kept or refused: enough to find duplicates, leaks and splits without the images.

``bytes``: size in a shard; ``hangul``: its share of the letters in the text; ``text`` and ``questions``: digests of the
whole conversation and of each question; ``reason``: null for samples."""
_LETTER, _HANGUL = re.compile(r"[^\W\d_]"), re.compile("[가-힣]")


def shard_row(sample: Sample) -> dict[str, Any]:
    """A row of SHARD."""
    record = sample.record
    named = zip(record.images, sample.images, strict=True)
    return {
        "id": record.id,
        "source": record.source,
        "images": [{"bytes": image.data, "path": nfc(ref.path)} for ref, image in named],
        "conversation": [{"role": turn.role, "content": turn.content} for turn in record.conversation],
        "licence": record.licence,
        "split_key": record.split_key,
        "tokens": sample.tokens,
    }


def note(outcome: Sample | Rejected) -> dict[str, Any]:
    """A row of NOTE."""
    if isinstance(outcome, Rejected):
        return {"id": outcome.id, "reason": outcome.reason, "images": [], "questions": []}
    record, said = outcome.record, "".join(turn.content for turn in outcome.record.conversation)
    return {
        "id": record.id,
        "split_key": record.split_key,
        "tokens": outcome.tokens,
        "bytes": sum(len(image.data) for image in outcome.images) + len(said.encode()),
        "turns": len(record.conversation) // 2,
        "hangul": _hangul(said),
        "text": text_digest(record.conversation),
        "questions": [question_digest(turn.content) for turn in record.conversation[::2]],
        "images": [image_note(image) for image in outcome.images],
    }


def image_note(image: StoredImage) -> dict[str, Any]:
    """What is noted of an image."""
    return {
        "digest": image.digest,
        "look": image.look.bits,
        "plain": image.look.plain,
        "width": image.width,
        "height": image.height,
    }


def text_digest(turns: Sequence[Message]) -> bytes:
    """8 bytes for the words of a conversation; case and spaces do not count."""
    return _digest(json.dumps([_said(turn.content) for turn in turns], ensure_ascii=False))


def question_digest(question: str) -> bytes:
    """8 bytes for the words of a question."""
    return _digest(_said(question.replace(IMAGE_MARK, "")))


def _said(text: str) -> str:
    return " ".join(nfc(text).casefold().split())


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _hangul(text: str) -> float:
    letters = len(_LETTER.findall(text))
    return len(_HANGUL.findall(text)) / letters if letters else 0.0
