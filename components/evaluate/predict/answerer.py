"""A model that answers questions about pictures, many at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from transformers import StoppingCriteriaList

from components.evaluate.models.loaded import Loaded
from components.evaluate.predict.encodings import Encodings
from components.evaluate.predict.features import ImageFeatures
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.prefixes import share_prefixes
from components.evaluate.predict.questions import Question, Reply
from components.evaluate.predict.stopping import LetterLine


class Answerer:
    """A loaded model with greedy decoding."""

    def __init__(self, loaded: Loaded, limits: Limits, encodings: Encodings | None = None) -> None:
        self._loaded = loaded
        self._limits = limits
        self._features = ImageFeatures(loaded.model, encodings) if ImageFeatures.work_with(loaded.model) else None
        eos = loaded.model.generation_config.eos_token_id
        self._ends = set(eos) if isinstance(eos, list) else {eos}
        self._pad = loaded.processor.tokenizer.pad_token_id

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """Answer a batch. Questions with and without a picture, and those for letters, go through the model apart."""
        kinds = [(asked.image is not None, asked.is_letter) for asked in questions]
        replies: dict[int, Reply] = {}
        for kind in dict.fromkeys(kinds):
            places = [place for place, other in enumerate(kinds) if other == kind]
            replies.update(zip(places, self._answer_alike([questions[i] for i in places]), strict=True))
        return [replies[i] for i in range(len(questions))]

    def prepare(self, questions: Sequence[Question]) -> dict[str, Any]:
        """What the model takes, on its device; images are encoded already where they can be shared."""
        loaded = self._loaded
        texts = [loaded.chat(question.prompt, question.image is not None) for question in questions]
        images = [[question.image] for question in questions if question.image is not None] or None
        batch = loaded.processor(images=images, text=texts, return_tensors="pt", padding=True)
        inputs = dict(batch.to(loaded.model.device, dtype=loaded.dtype))
        keys = [question.image_key for question in questions]
        if images and all(keys) and self._features is not None:
            inputs["mm_encoder_outputs"] = self._features.of(keys, inputs.pop("pixel_values"))
            return share_prefixes(loaded.model, inputs, keys, self._pad, loaded.processor.image_token_id)
        return inputs

    @torch.inference_mode()
    def _answer_alike(self, questions: Sequence[Question]) -> list[Reply]:
        start = time.perf_counter()
        inputs = self.prepare(questions)
        length = inputs["input_ids"].shape[1]
        new = self._loaded.generate(inputs, **self._ending(questions[0].is_letter, length))
        texts = self._loaded.texts(new)
        seconds = (time.perf_counter() - start) / len(questions)
        return [Reply(text, seconds, self._length(row)) for text, row in zip(texts, new.tolist(), strict=True)]

    def _ending(self, is_letter: bool, prompt_length: int) -> dict[str, Any]:
        if not is_letter:
            return {"max_new_tokens": self._limits.text}
        stop = StoppingCriteriaList([LetterLine(self._loaded.processor.tokenizer, prompt_length)])
        return {"max_new_tokens": self._limits.letter, "stopping_criteria": stop}

    def _length(self, ids: list[int]) -> int:
        """Tokens up to and with the one that ends the answer; padding follows."""
        for place, token in enumerate(ids):
            if token in self._ends:
                return place + 1
            if token == self._pad:  # after an answer that ended otherwise
                return place
        return len(ids)
