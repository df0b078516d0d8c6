"""A runtime that says what it is told to."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from PIL import Image

from components.bundles.conversation import Ending, Stream, Turn


class Said:
    """Notes what it was asked, and whether an answer was heard to its end or left; two tokens a piece."""

    def __init__(self, pieces: Sequence[str | BaseException]) -> None:
        self.pieces = pieces
        self.asked: list[tuple[list[Turn], int]] = []
        self.pictures: list[Image.Image | None] = []
        self.is_left = False
        self.go_on = threading.Event()
        """Where a test clears it, an answer waits before its second piece."""
        self.go_on.set()

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        """The pieces; an exception among them is raised."""
        self.asked.append((list(turns), max_new_tokens))
        self.pictures.append(picture)
        try:
            for number, piece in enumerate(self.pieces):
                if number:
                    assert self.go_on.wait(30)
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
            return Ending(7, 2 * len(self.pieces), is_cut=2 * len(self.pieces) >= max_new_tokens)
        finally:
            self.is_left = True
