"""A bundle of GGUF files in llama.cpp."""

from __future__ import annotations

import time

from PIL import Image

from components.bundles.conversation import Turn
from components.bundles.llama_cpp.runtime import LlamaCppRuntime
from components.evaluate.latency.timing import Timing


class LlamaCppSubject(LlamaCppRuntime):
    """One answer at a time (components.export.speed.subjects.Subject)."""

    def answer(self, question: str, picture: Image.Image | None, new_tokens: int) -> Timing:
        """Answer with exactly so many tokens; the clock starts before the picture is prepared."""
        times, pieces = [], []
        start = time.perf_counter()
        for token in self.tokens([Turn("user", question)], picture, new_tokens, stop=False):
            times.append(time.perf_counter())
            pieces.append(self._language_model.vocabulary.piece(token))
        total = time.perf_counter() - start
        characters = len(b"".join(pieces).decode("utf-8", errors="replace"))
        return Timing(times[0] - start, times[-1] - times[0], total, len(times), characters)
