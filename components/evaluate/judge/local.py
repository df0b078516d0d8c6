"""A judge on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from components.evaluate.judge.errors import JudgeError
from components.evaluate.judge.questions import Question
from components.evaluate.judge.replies import Keep, Reply
from components.evaluate.models.places import locate, model_files
from components.evaluate.models.spec import ModelError, parse_origin
from components.params.evaluation import LocalJudge

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class LocalModel:
    """A text model of transformers. Its replies depend on nothing but the question, so each is asked for once."""

    def __init__(self, judge: LocalJudge, scratch: Path) -> None:
        self._judge = judge
        try:
            folder = locate(parse_origin(judge.model), scratch, model_files).folder
            # Left: replies then begin where all prompts end.
            self._tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
            self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=_DTYPES[judge.precision])
        except (ModelError, OSError, ValueError) as error:
            raise JudgeError(f"evaluate.judge.model: {judge.model} cannot be loaded: {error}") from error
        if self._tokenizer.chat_template is None:
            raise JudgeError(f"evaluate.judge.model: {judge.model} has no chat template; take an instruction model")
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._model.to("cuda" if judge.device == "gpu" else "cpu").eval()

    def answer(self, questions: Sequence[Question], keep: Keep) -> None:
        """Ask all, some at once; each batch is kept before the next."""
        for start in range(0, len(questions), self._judge.batch):
            batch = questions[start : start + self._judge.batch]
            for question, reply in zip(batch, self._replies(batch), strict=True):
                keep(question, reply)

    @torch.inference_mode()
    def _replies(self, batch: Sequence[Question]) -> list[Reply]:
        texts = [
            self._tokenizer.apply_chat_template(question.messages, tokenize=False, add_generation_prompt=True)
            for question in batch
        ]
        # The chat template has written the special tokens already.
        inputs = self._tokenizer(texts, padding=True, add_special_tokens=False, return_tensors="pt")
        inputs = inputs.to(self._model.device)
        torch.manual_seed(batch[0].seed)
        ids = self._model.generate(**inputs, **self._decoding())[:, inputs["input_ids"].shape[1] :]
        asked = inputs["attention_mask"].sum(dim=1).tolist()
        return [self._reply(row, tokens) for row, tokens in zip(ids.tolist(), asked, strict=True)]

    def _decoding(self) -> dict[str, Any]:
        """Without what a model's own configuration would add, so that params.yaml says it all."""
        temperature = self._judge.temperature
        chosen = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
        beside = {"top_k": 0, "top_p": 1.0} if temperature else {"temperature": None, "top_k": None, "top_p": None}
        pad = self._tokenizer.pad_token_id
        return {**chosen, **beside, "max_new_tokens": self._judge.max_tokens, "pad_token_id": pad}

    def _reply(self, ids: list[int], prompt_tokens: int) -> Reply:
        ends = self._model.generation_config.eos_token_id
        known = set(ends) if isinstance(ends, list) else {ends}
        length = next((place + 1 for place, token in enumerate(ids) if token in known), len(ids))
        text = self._tokenizer.decode(ids[:length], skip_special_tokens=True)
        is_cut = ids[length - 1] not in known
        return Reply(text, is_cut=is_cut, prompt_tokens=prompt_tokens, completion_tokens=length)
