"""A model in memory with its processor: prompts, answers' tokens, answers' texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from components.evaluate.models.spec import ModelSpec


@dataclass(frozen=True)
class Loaded:
    """A model that is ready to answer. Batches are padded on the left."""

    spec: ModelSpec
    # transformers' annotations of generate and apply_chat_template are narrower than what they take.
    model: Any
    processor: Any
    dtype: torch.dtype
    """Of pixels and of what is computed."""
    digest: str
    """Changes when the weights, or how they are read, change."""

    def chat(self, question: str, has_image: bool) -> str:
        """The prompt's text by the model's own chat template, with the system prompt where one is given.

        The picture stands where the template puts it; a placeholder for it within the question is taken out.
        """
        picture = [{"type": "image"}] if has_image else []
        text = {"type": "text", "text": self._without_mark(question)}
        messages = [{"role": "user", "content": [*picture, text]}]
        if self.spec.system is not None:
            messages.insert(0, {"role": "system", "content": [{"type": "text", "text": self.spec.system}]})
        prompt: str = self.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return self._without_beginning(prompt)

    @torch.inference_mode()
    def generate(self, inputs: Any, **settings: Any) -> torch.Tensor:
        """New tokens (batch, length) that follow the prompts, greedily; shorter answers are padded on the right."""
        # Whatever the model's own settings say.
        greedy = {"do_sample": False, "num_beams": 1, "repetition_penalty": 1.0}
        new = self.model.generate(**inputs, **greedy, tokenizer=self.processor.tokenizer, **settings)
        return new[:, inputs["input_ids"].shape[1] :]

    def texts(self, new: torch.Tensor) -> list[str]:
        """Each answer's text, up to what ends it: some models end with text, not with a token."""
        found = self.processor.tokenizer.batch_decode(new.tolist(), skip_special_tokens=True)
        return [self._until_stop(text).strip() for text in found]

    def _until_stop(self, text: str) -> str:
        stops = self.model.generation_config.stop_strings or []
        for stop in [stops] if isinstance(stops, str) else stops:
            text = text.partition(stop)[0]
        return text

    def _without_mark(self, question: str) -> str:
        mark = str(getattr(self.processor, "image_token", ""))
        return question.replace(mark, "").strip() if mark and mark in question else question

    def _without_beginning(self, prompt: str) -> str:
        """Without the token of the beginning where the tokenizer puts one there itself: once is what was learnt."""
        tokenizer = self.processor.tokenizer
        beginning = tokenizer.bos_token
        adds = tokenizer("").input_ids[:1] == [tokenizer.bos_token_id]
        return prompt.removeprefix(beginning) if beginning and adds else prompt
