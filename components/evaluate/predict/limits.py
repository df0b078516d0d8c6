"""How long answers may get."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """In tokens, by the kind of answer."""

    text: int
    letter: int

    def decoding(self, answers: str) -> str:
        """The decoding of a kind of answers, in words: what two figures must share to be compared."""
        if answers == "letter":
            return f"greedy, at most {self.letter} new tokens, ends after a line that is a letter"
        return f"greedy, at most {self.text} new tokens"
