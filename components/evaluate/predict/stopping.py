"""When decoding ends before its limit."""

from __future__ import annotations

from typing import Any

import torch
from transformers import StoppingCriteria

from components.evaluate.predict.letters import letter_end


class LetterLine(StoppingCriteria):
    """Ends an answer whose first line is a letter alone."""

    def __init__(self, tokenizer: Any, prompt_length: int) -> None:
        self._tokenizer = tokenizer
        self._start = prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        """(batch,) whether each answer has ended. ``input_ids`` is (batch, length)."""
        texts = self._tokenizer.batch_decode(input_ids[:, self._start :], skip_special_tokens=True)
        return torch.tensor([letter_end(text) is not None for text in texts], device=input_ids.device)
