"""A model that answers questions about pictures. All contact with the model is in this file."""

from __future__ import annotations

import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers.generation.streamers import BaseStreamer
from transformers.utils.logging import disable_progress_bar

from components.evaluate.predictions import DTYPES
from components.evaluate.timing import Timing
from components.model.loading import load_model

_TORCH_DEVICES = {"cpu": "cpu", "gpu": "cuda"}


@dataclass(frozen=True)
class Question:
    """A prompt, with a picture or without."""

    prompt: str
    image: Image.Image | None


@dataclass(frozen=True)
class Reply:
    """What was answered; seconds are the batch's time shared out over its items."""

    text: str
    seconds: float
    tokens: int


class Answerer:
    """A loaded model with greedy decoding."""

    def __init__(self, folder: Path, device: str, threads: int) -> None:
        """Load the model.

        Args:
            folder: a model folder that a training stage wrote.
            device: ``cpu`` or ``gpu``.
            threads: for a model on the CPU.
        """
        torch.set_num_threads(threads)
        disable_progress_bar()
        self.device = _TORCH_DEVICES[device]
        self.dtype: torch.dtype = getattr(torch, DTYPES[device])
        model, processor = load_model(folder, self.device, self.dtype)
        # transformers' annotations of generate and apply_chat_template are narrower than what they take.
        self.model: Any = model
        self.processor: Any = processor
        self.processor.tokenizer.padding_side = "left"
        eos = self.model.generation_config.eos_token_id
        self._ends = set(eos) if isinstance(eos, list) else {eos}

    def answer(self, questions: Sequence[Question], max_new_tokens: int) -> list[Reply]:
        """Answer a batch. Questions with and without a picture go through the model apart."""
        replies: dict[int, Reply] = {}
        for is_pictured in (True, False):
            places = [i for i, asked in enumerate(questions) if (asked.image is not None) is is_pictured]
            if places:
                found = self._answer_alike([questions[i] for i in places], max_new_tokens)
                replies.update(zip(places, found, strict=True))
        return [replies[i] for i in range(len(questions))]

    def time_answer(self, question: Question, new_tokens: int) -> Timing:
        """Answer with exactly ``new_tokens`` tokens; the clock starts before the picture is prepared."""
        clock = _Clock()
        start = time.perf_counter()
        inputs = self._inputs([question])
        ids = self._generate(inputs, max_new_tokens=new_tokens, min_new_tokens=new_tokens, streamer=clock)
        end = time.perf_counter()
        text = self.processor.tokenizer.decode(ids[0].tolist(), skip_special_tokens=True)
        first, last = clock.times[1], clock.times[-1]  # times[0] is the prompt's
        return Timing(first - start, last - first, end - start, new_tokens, len(text))

    @property
    def device_name(self) -> str:
        """What the model runs on, for people."""
        if self.device == "cuda":
            return torch.cuda.get_device_name()
        return f"{_cpu_name()}, CPU threads: {torch.get_num_threads()}"

    def _answer_alike(self, questions: Sequence[Question], max_new_tokens: int) -> list[Reply]:
        start = time.perf_counter()
        inputs = self._inputs(questions)
        new = self._generate(inputs, max_new_tokens=max_new_tokens).tolist()
        texts = self.processor.tokenizer.batch_decode(new, skip_special_tokens=True)
        seconds = (time.perf_counter() - start) / len(questions)
        return [Reply(text.strip(), seconds, self._length(ids)) for text, ids in zip(texts, new, strict=True)]

    def _inputs(self, questions: Sequence[Question]) -> Any:
        texts = [self._chat(question) for question in questions]
        images = [[question.image] for question in questions if question.image is not None]
        batch = self.processor(images=images or None, text=texts, return_tensors="pt", padding=True)
        return batch.to(self.device, dtype=self.dtype)

    def _chat(self, question: Question) -> str:
        picture = [{"type": "image"}] if question.image is not None else []
        messages = [{"role": "user", "content": [*picture, {"type": "text", "text": question.prompt}]}]
        return self.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)

    @torch.inference_mode()
    def _generate(self, inputs: Any, **settings: Any) -> torch.Tensor:
        """The new tokens alone."""
        return self.model.generate(**inputs, do_sample=False, **settings)[:, inputs["input_ids"].shape[1] :]

    def _length(self, ids: list[int]) -> int:
        """Tokens up to and with the one that ends the answer; padding follows."""
        ends = [place for place, token in enumerate(ids) if token in self._ends]
        return ends[0] + 1 if ends else len(ids)


@dataclass
class _Clock(BaseStreamer):
    """When each token came; handing it over waits for the device."""

    times: list[float] = field(default_factory=list)

    def put(self, value: torch.Tensor) -> None:
        self.times.append(time.perf_counter())

    def end(self) -> None:
        pass


def _cpu_name() -> str:
    """The processor's name where the system tells it (Linux), else its architecture."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
