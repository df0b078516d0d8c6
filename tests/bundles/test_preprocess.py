"""The device's preprocessing against CLIP's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.backbones.pretraining.image_encoder import CLIP_MEAN, CLIP_STD
from components.bundles.preprocess import Preprocessing

SIDES = (96, 336)
SIZES = [
    (200, 150),
    (150, 200),
    (700, 90),
    (90, 700),
    (5, 3),
    (1, 40),
    (96, 96),
    (336, 97),
    (47, 94),
    (346, 173),
    (519, 173),
]


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A picture in which every pixel matters."""
    pixels = np.random.default_rng(size).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    if mode in ("RGBA", "CMYK"):
        return Image.frombytes(mode, size, pixels.tobytes())
    return Image.fromarray(np.ascontiguousarray(pixels[..., :3])).convert(mode)


def both(picture: Image.Image, side: int) -> tuple[np.ndarray, np.ndarray]:
    """What the device computes, and what CLIP's processor computes."""
    clip = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    ours = Preprocessing(side, CLIP_MEAN, CLIP_STD)(picture)
    return ours, np.asarray(clip(picture, return_tensors="np")["pixel_values"])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("size", SIZES)
def test_equals_clips_at_any_size(side: int, size: tuple[int, int]) -> None:
    ours, clips = both(noise(size), side)
    assert ours.shape == clips.shape == (1, 3, side, side)
    assert ours.dtype == np.float32
    assert np.abs(ours - clips).max() < 1e-5


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "CMYK", "YCbCr"])
def test_equals_clips_in_any_mode(mode: str) -> None:
    ours, clips = both(noise((150, 110), mode), 96)
    assert np.abs(ours - clips).max() < 1e-5


def test_transparent_parts_are_white_paper() -> None:
    clear = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    palette = Image.new("P", (120, 120), 0)
    palette.info["transparency"] = 0
    white, _ = both(Image.new("RGB", (120, 120), "white"), 96)
    for picture in (clear, palette):
        ours, clips = both(picture, 96)
        assert np.abs(ours - white).max() < 1e-5
        assert np.abs(ours - clips).max() < 1e-5


def test_picture_is_turned_upright(tmp_path: Path) -> None:
    shown = noise((80, 120))
    exif = Image.Exif()
    exif[0x0112] = 6
    shown.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as turned:
        ours, _ = both(turned, 96)
    assert np.array_equal(ours, both(shown, 96)[0])
