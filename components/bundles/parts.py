"""A model in two parts, as its quality is measured: pictures to image tokens, and those with text to logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from PIL import Image


class Parts(Protocol):
    """What a bundle of any format, and the model that it was made from, can be asked."""

    def features(self, picture: Image.Image) -> np.ndarray:
        """What the language model reads of a picture: (image tokens, width), float32."""

    def logits(self, ids: Sequence[int], features: np.ndarray | None, first: int = 0) -> np.ndarray:
        """Logits (len(ids) - first, vocabulary), float32, of a text's positions from ``first`` on, from an empty state.

        Args:
            ids: with as many image tokens as ``features`` has rows, which take their places.
            features: of the text's picture; None: the text has none.
            first: the first position that is asked for.
        """
