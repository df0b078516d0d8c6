"""Turns: roles, image marks, encoding, boxes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from components.ingest.checks.mojibake import is_garbled
from components.ingest.records import IMAGE_MARK, BadRow, Message, nfc

_NUMBER = r"\s*(-?\d*\.\d+|-?\d+)\s*"
_BOX = re.compile(rf"\[{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}\]")
_OUTSIDE = 0.05
"""How far (as a share of the image) a box may stand out of it to be cut at the edge; beyond, its row is refused."""
_ROLES = ("user", "assistant")


def clean_conversation(turns: Sequence[Message], images: int, reserved: Sequence[str]) -> tuple[Message, ...]:
    """Composed, trimmed text; roles in turn; all image marks at the start of the first question.

    Raises:
        BadRow: naming the rule that is broken.
    """
    _check_roles(turns)
    marks = sum(turn.content.count(IMAGE_MARK) for turn in turns)
    if marks != images:
        raise BadRow(f"image marks and images differ: {marks} x {IMAGE_MARK}, {images} images")
    cleaned = tuple(_clean(turn, reserved, boxes=images > 0) for turn in turns)
    for index, turn in enumerate(cleaned):
        only_images = index == 0 and images > 0
        if not turn.content and not only_images:
            raise BadRow("empty answer" if turn.role == "assistant" else "empty question")
    first = replace(cleaned[0], content=f"{IMAGE_MARK}\n" * images + cleaned[0].content)
    return (first, *cleaned[1:])


def _check_roles(turns: Sequence[Message]) -> None:
    if not turns:
        raise BadRow("no turns")
    if len(turns) % 2 or any(turn.role != _ROLES[index % 2] for index, turn in enumerate(turns)):
        raise BadRow(f"roles do not alternate: {', '.join(turn.role for turn in turns[:6])}")


def _clean(turn: Message, reserved: Sequence[str], boxes: bool) -> Message:
    if turn.role == "assistant" and IMAGE_MARK in turn.content:
        raise BadRow("image mark in an answer")
    text = nfc(turn.content.replace(IMAGE_MARK, "").replace("\r\n", "\n")).strip()
    # Removing a mark can put a new one together from its halves.
    found = next((token for token in (*reserved, IMAGE_MARK) if token in text), None)
    if found:
        raise BadRow(f"special token in the text: {found}")
    if is_garbled(text):
        raise BadRow(f"text in a wrong encoding: {text[:40]!r}")
    if turn.role == "assistant" and boxes:
        text = _BOX.sub(_within_image, text)
    return replace(turn, content=text)


def _within_image(found: re.Match[str]) -> str:
    """A normalised box ``[x1,y1,x2,y2]``, cut at the image's edges if it stands out a little."""
    if "." not in found.group():
        return found.group()  # whole numbers: a list, or pixels, which nobody can check without the size they mean
    edges = [float(number) for number in found.groups()]
    cut = [min(max(edge, 0.0), 1.0) for edge in edges]
    far = max(abs(edge - inside) for edge, inside in zip(edges, cut, strict=True)) > _OUTSIDE
    if far or cut[0] >= cut[2] or cut[1] >= cut[3]:
        raise BadRow(f"box outside the image or empty: {found.group()}")
    return found.group() if edges == cut else "[" + ",".join(f"{edge:.2f}" for edge in cut) + "]"
