"""Which split a sample belongs to. Its image's key alone decides, so that no image stands in two splits."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Literal

from components.ingest.records import Message, StoredImage
from components.params.schema import Split

SplitName = Literal["train", "validation", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")
_DIGEST = re.compile(r"[0-9a-f]{16,64}")


def assign(key: str, split: Split) -> SplitName:
    """The split of a hexadecimal key: its first two digits, as a share of 256, against the shares wanted."""
    place = int(key[:2], 16) / 256
    if place < split.validation:
        return "validation"
    return "test" if place < split.validation + split.test else "train"


def split_key(images: Sequence[StoredImage], conversation: Sequence[Message], pattern: str | None) -> str:
    """The key of a sample: from its first image's name where the pattern finds one, else a content digest.

    Names that are no digests (numbers, words) are hashed: running numbers all begin with the same digits.
    """
    if not images:
        turns = [[message.role, message.content] for message in conversation]
        return _sha256(json.dumps(turns, ensure_ascii=False).encode())
    found = re.search(pattern, images[0].path) if pattern else None
    if found is None:
        return _sha256(images[0].data)
    name = found.group(1)
    return name if _DIGEST.fullmatch(name) else _sha256(name.encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
