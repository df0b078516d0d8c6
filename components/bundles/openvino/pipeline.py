"""Talking to a bundle through OpenVINO GenAI, as any program on a device would."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai
from PIL import Image

from components.bundles.conversation import Ending, Stream, Turn, read_template, render
from components.bundles.openvino import names
from components.bundles.openvino.config import read_config
from components.bundles.openvino.options import options

_Pieces = queue.SimpleQueue[str | Ending | BaseException]


class Pipeline:
    """``openvino_genai.VLMPipeline`` on a bundle's folder."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self._pipeline = genai.VLMPipeline(str(folder), "CPU", **options(threads))
        self._template = read_template(folder)
        self._preprocessing = read_config(folder).preprocessing

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        """The answer to a conversation, piece by piece, decoded greedily."""
        said = [Turn(turn.role, turn.text.replace(names.IMAGE_TOKEN, "")) for turn in turns]
        prompt = render(self._template, said, names.IMAGE_TOKEN if picture else "")
        pieces: _Pieces = queue.SimpleQueue()
        stop = threading.Event()
        thread = threading.Thread(
            target=self._generate, args=(prompt, picture, max_new_tokens, pieces, stop), daemon=True
        )
        thread.start()
        try:
            while isinstance(piece := pieces.get(), str):
                yield piece
            if isinstance(piece, BaseException):
                raise piece
            return piece
        finally:  # also where the reader leaves halfway
            stop.set()
            thread.join()

    def _generate(
        self,
        prompt: str,
        picture: Image.Image | None,
        max_new_tokens: int,
        pieces: _Pieces,
        stop: threading.Event,
    ) -> None:
        def streamer(piece: str) -> genai.StreamingStatus:
            pieces.put(piece)
            return genai.StreamingStatus.CANCEL if stop.is_set() else genai.StreamingStatus.RUNNING

        images = {"images": [as_tensor(self._preprocessing.square(picture))]} if picture else {}
        config = self._greedy(max_new_tokens)
        try:
            told = self._pipeline.generate(prompt, generation_config=config, streamer=streamer, **images)
        except BaseException as error:  # it is the reader's
            pieces.put(error)
        else:
            pieces.put(_ending(told))

    def _greedy(self, max_new_tokens: int) -> Any:
        config = self._pipeline.get_generation_config()
        config.max_new_tokens, config.do_sample, config.apply_chat_template = max_new_tokens, False, False
        return config


def _ending(told: Any) -> Ending:
    """From the package's own figures and reason."""
    figures = told.perf_metrics
    is_cut = told.finish_reasons[0] == genai.GenerationFinishReason.LENGTH
    return Ending(figures.get_num_input_tokens(), figures.get_num_generated_tokens(), is_cut)


def as_tensor(picture: Image.Image) -> ov.Tensor:
    """An RGB picture as the pipeline takes it: (1, height, width, 3), eight bits."""
    return ov.Tensor(np.array(picture.convert("RGB"))[None])
