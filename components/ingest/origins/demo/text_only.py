"""Which text-only instructions training may show, and which only a benchmark."""

from __future__ import annotations

import hashlib

from components.scenes.instructions import all_instructions
from components.scenes.scene import Turn

_HELD_OUT_SHARE = 0.2


def instructions(held_out: bool) -> list[Turn]:
    """The instructions that are held out (about a fifth), or the others. The question's digest decides."""
    return [turn for turn in all_instructions() if _is_held_out(turn) == held_out]


def _is_held_out(turn: Turn) -> bool:
    return hashlib.sha256(turn.question.encode()).digest()[0] / 256 < _HELD_OUT_SHARE
