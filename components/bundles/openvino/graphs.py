"""A bundle's graphs one by one, for measuring: image tokens and logits. To talk to a bundle, see pipeline.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from PIL import Image

from components.bundles.openvino import names
from components.bundles.openvino.arithmetic import own_arithmetic
from components.bundles.openvino.config import read_config
from components.bundles.openvino.options import WITHOUT_ROUNDING, options
from components.bundles.openvino.rounding import round_numbers
from components.bundles.processor import Arithmetic

# By default OpenVINO calculates in bf16 where the processor at hand can: what is measured would be its rounding beside
# the quantisation's, and other figures on other machines. The cache of keys and values may keep its default, 8 bits:
# a text is read in one call, and its own keys and values reach attention before they are stored.
_EXACT: dict[str, Any] = {"INFERENCE_PRECISION_HINT": "f32"}


class Graphs:
    """The three graphs, loaded. One text at a time: the language model's state is reset for each.

    They calculate in f32, unlike the pipeline that talks, which has the runtime's defaults.
    """

    def __init__(self, folder: Path, threads: int | None = None, arithmetic: Arithmetic | None = None) -> None:
        """Load a bundle.

        Args:
            threads: None: as many as the runtime thinks fit.
            arithmetic: whose numbers are wanted: of processors with VNNI, or without. Beside weights stored as bytes,
                the former round the numbers that are multiplied, too. None: the processor's own.
        """
        self._config = read_config(folder)
        self._rounds = arithmetic == "exact" and own_arithmetic() != "exact"
        self._options = options(threads) | _EXACT
        if arithmetic is not None and (arithmetic != "exact" or self._rounds):
            self._options |= WITHOUT_ROUNDING
        self._image_encoder = self._compile(folder / names.IMAGE_ENCODER)
        self._embeddings = self._compile(folder / names.EMBEDDINGS)
        self._language_model = self._compile(folder / names.LANGUAGE_MODEL).create_infer_request()

    def _compile(self, path: Path) -> ov.CompiledModel:
        core = ov.Core()
        model = core.read_model(path)
        if self._rounds:
            round_numbers(model)
        return core.compile_model(model, "CPU", self._options)

    def features(self, picture: Image.Image) -> np.ndarray:
        """What the language model reads of a picture: (image tokens, width), float32."""
        return np.array(self._image_encoder(self._config.preprocessing(picture))[0])[0]

    def logits(self, ids: Sequence[int], features: np.ndarray | None, first: int = 0) -> np.ndarray:
        """Logits (len(ids) - first, vocabulary), float32, of a text's positions from ``first`` on."""
        embedded = np.array(self._embeddings(np.array([ids], dtype=np.int64))[0])
        if features is not None:
            embedded[0, np.array(ids) == self._config.image_token_id] = features
        self._language_model.reset_state()
        length = len(ids)
        self._language_model.infer(
            {
                "inputs_embeds": embedded,
                "attention_mask": np.ones((1, length), dtype=np.int64),
                "position_ids": np.arange(length, dtype=np.int64)[None],
                "beam_idx": np.zeros(1, dtype=np.int32),
            }
        )
        return np.array(self._language_model.get_tensor("logits").data)[0, first:]
