"""A bundle in llama.cpp, in process, in its parts: for measuring. To talk to it, see runtime.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from components.bundles.llama_cpp import names
from components.bundles.llama_cpp.language_model import LanguageModel
from components.bundles.llama_cpp.projector import Projector
from components.bundles.manifest import AGAIN, BundleError
from components.bundles.preprocess import Preprocessing


class LlamaCppParts:
    """The two files of a bundle, loaded (components.bundles.parts.Parts)."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        """Load a bundle.

        Args:
            folder: with one language model and one projector.
            threads: None: as many as there are cores.

        Raises:
            BundleError: naming the file that is missing or damaged, or how to install llama.cpp.
        """
        path = names.language_model_path(folder)
        self._language_model = LanguageModel(path, threads)
        self._projector = Projector(names.projector_path(folder), self._language_model.model, threads)
        side = self._language_model.model.value(names.IMAGE_SIDE)
        if side is None:
            raise BundleError(f"{path} has no key {names.IMAGE_SIDE}: {AGAIN}")
        self._preprocessing = Preprocessing.geometry(int(side))

    def features(self, picture: Image.Image) -> np.ndarray:
        """What the language model reads of a picture: (image tokens, width), float32."""
        return self._projector.features(self._preprocessing.square(picture))

    def logits(self, ids: Sequence[int], features: np.ndarray | None, first: int = 0) -> np.ndarray:
        """Logits (len(ids) - first, vocabulary), float32, of a text's positions from ``first`` on."""
        return self._language_model.logits(ids, features, first)
