"""Timing an answer without changing how it is made."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from transformers import StoppingCriteria, StoppingCriteriaList

from components.evaluate.latency.timing import Timing
from components.evaluate.models.loaded import Loaded
from components.evaluate.predict.answerer import Answerer
from components.evaluate.predict.questions import Question


class Clock(StoppingCriteria):
    """Notes when each token has come; never ends anything. It is asked after each step, in batches too."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        input_ids[0, -1].item()  # waits for the device
        self.times.append(time.perf_counter())
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


@torch.inference_mode()
def time_answers(loaded: Loaded, answerer: Answerer, questions: Sequence[Question], new_tokens: int) -> Timing:
    """Answer a batch with exactly ``new_tokens`` tokens each; the clock starts before the pictures are prepared."""
    clock = Clock()
    start = time.perf_counter()
    inputs = answerer.prepare(questions)
    length = {"max_new_tokens": new_tokens, "min_new_tokens": new_tokens}
    new = loaded.generate(inputs, **length, stopping_criteria=StoppingCriteriaList([clock]))
    end = time.perf_counter()
    texts = loaded.processor.tokenizer.batch_decode(new.tolist(), skip_special_tokens=True)
    first, last = clock.times[0], clock.times[-1]
    return Timing(first - start, last - first, end - start, new_tokens, sum(map(len, texts)), len(questions))
