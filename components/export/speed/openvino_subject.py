"""A bundle in OpenVINO GenAI's pipeline, as any program would use it."""

from __future__ import annotations

import time
from pathlib import Path

import openvino_genai as genai
from PIL import Image

from components.bundles.openvino.options import options
from components.bundles.openvino.pipeline import as_tensor
from components.evaluate.latency.timing import Timing

_NO_LIMIT = 2**31


class OpenVinoSubject:
    """One answer at a time (components.export.speed.subjects.Subject)."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._pipeline = genai.VLMPipeline(str(folder), "CPU", scheduler_config=_without_memory(), **options(threads))

    def answer(self, question: str, picture: Image.Image | None, new_tokens: int) -> Timing:
        """Answer with exactly so many tokens; the clock starts before the picture is prepared."""
        config = self._pipeline.get_generation_config()
        config.max_new_tokens, config.ignore_eos, config.do_sample = new_tokens, True, False
        streamer = _Streamer()
        start = time.perf_counter()
        images = {"images": [as_tensor(picture)]} if picture else {}
        told = self._pipeline.generate(question, generation_config=config, streamer=streamer, **images)
        total = time.perf_counter() - start
        times = streamer.times
        return Timing(times[0] - start, times[-1] - times[0], total, len(times), len(told.texts[0]))


def _without_memory() -> genai.SchedulerConfig:
    """The pipeline's own settings, but that it does not know a prompt again: rounds ask the same ones, users do not."""
    config = genai.SchedulerConfig()
    config.enable_prefix_caching = False
    config.max_num_batched_tokens = _NO_LIMIT  # a prompt is read at once, as the pipeline does by itself
    return config


class _Streamer(genai.StreamerBase):  # type: ignore[misc]
    """What the pipeline calls with each token: notes the moments at which it did."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def write(self, token: int | list[int]) -> genai.StreamingStatus:
        self.times.extend([time.perf_counter()] * (len(token) if isinstance(token, list) else 1))
        return genai.StreamingStatus.RUNNING

    def end(self) -> None:
        pass
