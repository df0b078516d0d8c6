"""Image encoder and connector in their runtimes: one picture to image tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from components.backbones.pretraining.image_encoder import CLIP_MEAN, CLIP_STD
from components.bundles.preprocess import Preprocessing

_SIDE = 336


class ImageEncoder(Protocol):
    """Something loaded."""

    def __call__(self, picture: Image.Image) -> None:
        """Prepare and encode one picture of 336 x 336."""


def _pixels(picture: Image.Image) -> np.ndarray:
    mean, std = ((values[0], values[1], values[2]) for values in (CLIP_MEAN, CLIP_STD))
    return Preprocessing(_SIDE, mean, std)(picture)


class _Torch:
    def __init__(self, path: Path, kind: str, threads: int) -> None:
        import torch

        from components.model.loading import load_model

        torch.set_num_threads(threads)
        self._model, _ = load_model(path, dtype=getattr(torch, kind))

    def __call__(self, picture: Image.Image) -> None:
        import torch

        with torch.inference_mode():
            self._model.model.image_tokens(torch.from_numpy(_pixels(picture)))


class _OpenVino:
    def __init__(self, path: Path, _kind: str, threads: int) -> None:
        import openvino as ov

        from components.bundles.openvino import names

        options = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        self._model = ov.Core().compile_model(path / names.IMAGE_ENCODER, "CPU", options)

    def __call__(self, picture: Image.Image) -> None:
        self._model(_pixels(picture))


class _OnnxRuntime:
    def __init__(self, path: Path, _kind: str, threads: int) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, picture: Image.Image) -> None:
        self._session.run(None, {"pixel_values": _pixels(picture)})


class _Mtmd:
    """llama.cpp's own library for pictures."""

    def __init__(self, path: Path, _kind: str, threads: int) -> None:
        from components.bundles.llama_cpp import names
        from components.bundles.llama_cpp.language_model import LoadedModel
        from components.bundles.llama_cpp.projector import Projector

        model = LoadedModel(names.language_model_path(path))
        self._projector = Projector(names.projector_path(path), model, threads)

    def __call__(self, picture: Image.Image) -> None:
        self._projector.features(picture)


OPENERS: Mapping[str, Callable[[Path, str, int], ImageEncoder]] = {
    "torch": _Torch,
    "openvino": _OpenVino,
    "onnxruntime": _OnnxRuntime,
    "llama_cpp": _Mtmd,
}
