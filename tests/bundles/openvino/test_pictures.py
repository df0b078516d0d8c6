"""What the unmodified OpenVINO GenAI does to raw pictures before the image encoder, pixel by pixel."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from tests.bundles.openvino.probe import Probe, write_probe

SIDE = 8
MODES = ["L", "1", "P", "RGB", "CMYK", "YCbCr", "LA", "RGBA"]
EQUAL = [(8, 8), (16, 16), (33, 8), (8, 33), (20, 15), (15, 20), (90, 20), (13, 7), (64, 48), (640, 480), (1000, 333)]
TINY = [(1, 1), (1, 40), (40, 1), (2, 3), (5, 3)]
# Wide pictures come out equal, tall ones of more than about 2:1 do not always: one step of 255 off at some pixels, more
# the taller they are. On noise, where that tells most.
TALL = [(20, 90), (9, 143), (11, 102)]


@pytest.fixture(scope="module")
def probe(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Probe:
    """A bundle that says what its image encoder gets."""
    folder = tmp_path_factory.mktemp("probe") / "bundle"
    write_probe(folder, bundle_folder, SIDE)
    return Probe(folder, SIDE)


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A picture in which every pixel matters."""
    pixels = np.random.default_rng(size).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    if mode in ("RGBA", "CMYK"):
        return Image.frombytes(mode, size, pixels.tobytes())
    return Image.fromarray(np.ascontiguousarray(pixels[..., :3])).convert(mode)


def clips(picture: Image.Image) -> np.ndarray:
    """What CLIP's processor, with which the model was trained, makes of an RGB picture: (side, side, 3), 0 to 255."""
    clip = CLIPImageProcessorPil(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}, do_rescale=False, do_normalize=False
    )
    return np.asarray(clip(picture, return_tensors="np")["pixel_values"])[0].transpose(1, 2, 0).astype(int)


def difference(probe: Probe, picture: Image.Image) -> np.ndarray:
    """By how much a raw picture's pixels differ, each."""
    return np.abs(probe.pixels(picture).astype(int) - clips(picture))


@pytest.mark.parametrize("size", [*EQUAL, *TINY])
def test_equals_clips_at_any_size(probe: Probe, size: tuple[int, int]) -> None:
    assert difference(probe, noise(size)).max() == 0


@pytest.mark.parametrize("size", TALL)
def test_tall_pictures_differ_by_little(probe: Probe, size: tuple[int, int]) -> None:
    found = difference(probe, noise(size))
    assert found.max() <= 20
    assert found.mean() < 1


@pytest.mark.parametrize("mode", MODES)
def test_equals_clips_in_any_mode(probe: Probe, mode: str) -> None:
    assert difference(probe, noise((30, 20), mode).convert("RGB")).max() == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_that_is_turned_upright_first(probe: Probe, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    saved = io.BytesIO()
    noise((30, 20)).save(saved, "PNG", exif=exif)
    with Image.open(saved) as turned:
        upright = ImageOps.exif_transpose(turned).convert("RGB")
    assert upright.size == ((20, 30) if orientation > 4 else (30, 20))
    assert difference(probe, upright).max() == 0


def test_pictures_do_not_meet(probe: Probe) -> None:
    first, second = noise((30, 20)), noise((20, 30))
    alone = probe.pixels(first)
    probe.pixels(second)
    assert np.array_equal(probe.pixels(first), alone)
