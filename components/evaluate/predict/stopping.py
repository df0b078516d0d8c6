"""When decoding ends before its limit."""

from __future__ import annotations

import re
from typing import Any

import torch
from transformers import StoppingCriteria

_LETTER_LINE = re.compile(r"\W*[A-Za-z]\W*\n")


class LetterLine(StoppingCriteria):
    """Ends an answer whose first line is a letter alone: what a verbose model adds below would not be read anyway."""

    def __init__(self, tokenizer: Any, prompt_length: int) -> None:
        self._tokenizer = tokenizer
        self._start = prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        """(batch,) whether each answer has ended. ``input_ids`` is (batch, length)."""
        texts = self._tokenizer.batch_decode(input_ids[:, self._start :], skip_special_tokens=True)
        return torch.tensor([_LETTER_LINE.match(text) is not None for text in texts], device=input_ids.device)
