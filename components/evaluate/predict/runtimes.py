"""A bundle, or what somebody serves, that answers questions about pictures one by one. No torch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing

from components.bundles.conversation import Heard, Turn
from components.bundles.runtime import Runtime, open_bundle
from components.evaluate.models.endpoints import open_endpoint
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.letters import letter_end
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question, Reply


def open_runtime(spec: ModelSpec, place: Place, threads: int) -> Runtime:
    """What answers for a bundle or an endpoint.

    Raises:
        BundleError: if a bundle's file is missing or damaged, or its runtime is not installed.
        ModelError: if the endpoint's key is not in the environment.
    """
    return open_endpoint(spec) if spec.layout == "endpoint" else open_bundle(place.folder, threads)


class RuntimeAnswerer:
    """A runtime, with greedy decoding as for other models (answerer.Answerer)."""

    def __init__(self, runtime: Runtime, limits: Limits, system: str | None = None) -> None:
        self._runtime, self._limits = runtime, limits
        self._before = [] if system is None else [Turn("system", system)]

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Answer a batch, one after the other.

        Tokens of an answer that is left early are the pieces that came: a character of several tokens counts as one.
        """
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Reply:
        start = time.perf_counter()
        text, pieces = "", 0
        with closing(self._ask(question)) as heard:  # leaving it early ends the decoding
            for piece in heard:
                text, pieces = text + piece, pieces + 1
                if question.is_letter and (end := letter_end(text)) is not None:
                    text = text[:end]  # a runtime may hand over more at once than what ended the answer
                    break
        tokens = heard.ending.answer_tokens if heard.ending else pieces
        return Reply(text.strip(), time.perf_counter() - start, tokens)

    def _ask(self, question: Question) -> Heard:
        limit = self._limits.letter if question.is_letter else self._limits.text
        turns = [*self._before, Turn("user", question.prompt)]
        return Heard(self._runtime.stream(turns, question.image, limit))
