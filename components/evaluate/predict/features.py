"""Image features that several questions share, computed once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from transformers import LlavaForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutputWithPooling

from components.evaluate.predict.encodings import Encoder, Encodings

_KEPT = 64
"""Images; items are ordered so that those of an image follow each other."""


class ImageFeatures:
    """What the image encoder and the connector made of the last images, by their keys."""

    def __init__(self, model: Any, encodings: Encodings | None = None) -> None:
        """``encodings`` hold what other models' encoders made of the pictures."""
        self._model = model
        self._encoder = Encoder(model, encodings) if encodings and Encoder.works_with(model) else None
        self._kept: OrderedDict[str, torch.Tensor] = OrderedDict()

    @staticmethod
    def work_with(model: Any) -> bool:
        """Whether a model's features are a plain list, one tensor an image, as those of LLaVA and of ours are."""
        return isinstance(model, LlavaForConditionalGeneration)

    def of(self, keys: Sequence[str], pixel_values: torch.Tensor) -> dict[str, BaseModelOutputWithPooling]:
        """What ``generate`` takes instead of pixels.

        Args:
            keys: (images,) the same for the same image.
            pixel_values: (images, 3, height, width).
        """
        places = {key: place for place, key in enumerate(keys) if key not in self._kept}
        if places:
            chosen = pixel_values[list(places.values())]
            self._kept.update(zip(places, self._features(chosen), strict=True))
        output = BaseModelOutputWithPooling()
        output.pooler_output = [self._kept[key] for key in keys]
        for key in keys:
            self._kept.move_to_end(key)
        while len(self._kept) > max(_KEPT, len(keys)):
            self._kept.popitem(last=False)
        return {"image": output}

    def _features(self, pixel_values: torch.Tensor) -> Sequence[torch.Tensor]:
        if self._encoder is not None:
            return self._encoder.features(pixel_values)
        features: Sequence[torch.Tensor] = self._model.model.get_image_features(
            pixel_values=pixel_values, return_dict=True
        ).pooler_output
        return features
