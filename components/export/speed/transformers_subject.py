"""The model that bundles are made from, in transformers, in bf16."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image

from components.evaluate.latency.clock import time_answers
from components.evaluate.latency.timing import Timing
from components.evaluate.models.loading import load_prepared
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.answerer import Answerer
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.export.speed.subjects import TRANSFORMERS
from components.stages.quiet import quiet_libraries


class TransformersSubject:
    """One answer at a time (components.export.speed.subjects.Subject)."""

    def __init__(self, folder: Path, threads: int) -> None:
        quiet_libraries()
        torch.set_num_threads(threads)
        spec = ModelSpec(TRANSFORMERS, f"folder:{folder}", "own", "bf16", "cpu")
        self._loaded = load_prepared(spec, Place(folder, digest=""))
        self._answerer = Answerer(self._loaded, Limits(1, 1))

    def answer(self, question: str, picture: Image.Image | None, new_tokens: int) -> Timing:
        """Answer with exactly so many tokens; the clock starts before the picture is prepared."""
        return time_answers(self._loaded, self._answerer, [Question(question, picture)], new_tokens)
