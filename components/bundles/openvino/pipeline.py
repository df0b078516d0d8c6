"""Talking to a bundle through OpenVINO GenAI, as any program on a device would."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai
from PIL import Image

from components.bundles.conversation import Turn, read_template, render
from components.bundles.openvino import names
from components.bundles.openvino.config import read_config

_END = None


class Pipeline:
    """``openvino_genai.VLMPipeline`` on a bundle's folder."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        options = {"INFERENCE_NUM_THREADS": threads} if threads else {}
        self._pipeline = genai.VLMPipeline(str(folder), "CPU", **options)
        self._template = read_template(folder)
        self._preprocessing = read_config(folder).preprocessing

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Iterator[str]:
        """The answer to a conversation, piece by piece, decoded greedily."""
        said = [Turn(turn.role, turn.text.replace(names.IMAGE_TOKEN, "")) for turn in turns]
        prompt = render(self._template, said, names.IMAGE_TOKEN if picture else "")
        pieces: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
        stop = threading.Event()
        thread = threading.Thread(
            target=self._generate, args=(prompt, picture, max_new_tokens, pieces, stop), daemon=True
        )
        thread.start()
        try:
            while (piece := pieces.get()) is not _END:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:  # also where the reader leaves halfway
            stop.set()
            thread.join()

    def _generate(
        self,
        prompt: str,
        picture: Image.Image | None,
        max_new_tokens: int,
        pieces: queue.SimpleQueue[str | BaseException | None],
        stop: threading.Event,
    ) -> None:
        def streamer(piece: str) -> genai.StreamingStatus:
            pieces.put(piece)
            return genai.StreamingStatus.CANCEL if stop.is_set() else genai.StreamingStatus.RUNNING

        images = {"images": [as_tensor(self._preprocessing.square(picture))]} if picture else {}
        try:
            self._pipeline.generate(prompt, generation_config=self._greedy(max_new_tokens), streamer=streamer, **images)
        except BaseException as error:  # it is the reader's
            pieces.put(error)
        else:
            pieces.put(_END)

    def _greedy(self, max_new_tokens: int) -> Any:
        config = self._pipeline.get_generation_config()
        config.max_new_tokens, config.do_sample, config.apply_chat_template = max_new_tokens, False, False
        return config


def as_tensor(picture: Image.Image) -> ov.Tensor:
    """An RGB picture as the pipeline takes it: (1, height, width, 3), eight bits."""
    return ov.Tensor(np.array(picture.convert("RGB"))[None])
