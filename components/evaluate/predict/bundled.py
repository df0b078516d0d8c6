"""A bundle that answers questions about pictures, one by one. No torch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.bundles.conversation import Turn
from components.bundles.runtime import open_bundle
from components.evaluate.predict.letters import letter_end
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question, Reply


class BundleAnswerer:
    """A loaded bundle, with greedy decoding as for other models (answerer.Answerer)."""

    def __init__(self, folder: Path, limits: Limits, threads: int | None = None, system: str | None = None) -> None:
        """Raises BundleError if a file is missing or damaged, or its runtime is not installed."""
        self._runtime = open_bundle(folder, threads)
        self._limits = limits
        self._before = [] if system is None else [Turn("system", system)]

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Answer a batch, one after the other.

        Tokens are the pieces that the runtime gives: a character of several tokens comes, and counts, as one.
        """
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Reply:
        start = time.perf_counter()
        text, pieces = "", 0
        for piece in self._stream(question):  # leaving it early ends the decoding
            text, pieces = text + piece, pieces + 1
            if question.is_letter and (end := letter_end(text)) is not None:
                text = text[:end]  # a runtime may hand over more at once than what ended the answer
                break
        return Reply(text.strip(), time.perf_counter() - start, pieces)

    def _stream(self, question: Question) -> Iterator[str]:
        limit = self._limits.letter if question.is_letter else self._limits.text
        turns = [*self._before, Turn("user", question.prompt)]
        return self._runtime.stream(turns, question.image, limit)
