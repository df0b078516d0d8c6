"""CLIP's image preprocessing with nothing but Pillow and NumPy: what a device does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps


@dataclass(frozen=True)
class Preprocessing:
    """Shorter side and crop in pixels; mean and standard deviation a channel."""

    side: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Preprocessing:
        """From the values of a CLIP image processor's preprocessor_config.json."""
        return cls(config["crop_size"]["height"], tuple(config["image_mean"]), tuple(config["image_std"]))

    @classmethod
    def geometry(cls, side: int) -> Preprocessing:
        """For runtimes that normalise by themselves: only ``square`` is of use."""
        return cls(side, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))

    def __call__(self, picture: Image.Image) -> np.ndarray:
        """A picture of any mode and size to (1, 3, side, side), float32: squared, then normalised."""
        values = np.asarray(self.square(picture), dtype=np.float32) / 255
        normalised = (values - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return normalised.transpose(2, 0, 1)[None]

    def square(self, picture: Image.Image) -> Image.Image:
        """A picture of any mode and size to RGB, side x side: upright, resized, centre cropped."""
        upright = _to_rgb(ImageOps.exif_transpose(picture))
        shorter = min(upright.size)
        # Multiplied first: a scale computed beforehand would round 2:1 to one pixel less at some sizes.
        width, height = (int(self.side * edge / shorter) for edge in upright.size)
        resized = upright.resize((width, height), Image.Resampling.BICUBIC)
        left, top = (resized.width - self.side) // 2, (resized.height - self.side) // 2
        return resized.crop((left, top, left + self.side, top + self.side))


def _to_rgb(picture: Image.Image) -> Image.Image:
    """Transparent parts become white paper."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, layer).convert("RGB")
