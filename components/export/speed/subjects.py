"""What is timed: a bundle in its runtime, or the model in transformers."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

from components.evaluate.latency.timing import Timing

TRANSFORMERS = "transformers-bf16"
"""The name of the model that bundles are made from, among the subjects."""


class Subject(Protocol):
    """Something loaded that answers, by nothing but its weights' speed: an answer that would end goes on."""

    def answer(self, question: str, picture: Image.Image | None, new_tokens: int) -> Timing:
        """Answer with exactly so many tokens; the clock starts before the picture is prepared."""
