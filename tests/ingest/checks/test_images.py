"""Images: decoded in full, upright, in RGB, small enough."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from components.ingest.checks.images import UnusableImage, store_image
from components.ingest.selection.near import bits_between
from tests.ingest.samples import encoded, png

SIDE = 96


def stored(data: bytes, side: int = SIDE) -> Image.Image:
    return Image.open(io.BytesIO(store_image(data, side).data))


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    """Noise whose amplitudes fall with their frequency, as in photos (Field, JOSA A 4, 1987)."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.fft.rfftfreq(640) * 640, np.fft.fftfreq(480) * 480)
    waves = rng.normal(size=(3, *x.shape)) + 1j * rng.normal(size=(3, *x.shape))
    channels = np.fft.irfft2(waves / np.maximum(np.hypot(x, y), 1) ** 1.2, (480, 640))
    values = np.clip(128 + 55 * channels / channels.std(), 0, 255).astype(np.uint8)
    return Image.fromarray(values.transpose(1, 2, 0)).resize((width, height), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK", "1", "LA", "I;16", "F", "YCbCr"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    form = "TIFF" if mode in ("CMYK", "F", "YCbCr") else "PNG"
    assert stored(encoded(Image.new(mode, (40, 30)), form)).mode == "RGB"


def test_sixteen_bits_are_scaled_instead_of_cut() -> None:
    deep = Image.fromarray(np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32))
    values = np.asarray(stored(encoded(deep, "PNG")))[..., 0]
    assert values.min() == 0 and values.max() == 255 and 120 < values.mean() < 135


def test_transparent_parts_become_white_and_cmyk_keeps_its_colours() -> None:
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    assert stored(encoded(clear, "PNG")).getpixel((5, 5)) == (255, 255, 255)
    red = Image.new("RGB", (32, 32), (220, 20, 20)).convert("CMYK")
    found = stored(encoded(red, "JPEG", quality=95)).getpixel((5, 5))
    assert isinstance(found, tuple) and found[0] > 180 and max(found[1:]) < 70


@pytest.mark.parametrize(("turn", "size"), [(1, (40, 20)), (3, (40, 20)), (6, (20, 40)), (8, (20, 40))])
def test_rotation_noted_in_the_file_is_carried_out(turn: int, size: tuple[int, int]) -> None:
    picture = Image.new("RGB", (40, 20), (0, 0, 255))
    picture.paste((255, 0, 0), (0, 0, 10, 20))
    exif = picture.getexif()
    exif[0x0112] = turn
    upright = stored(encoded(picture, "JPEG", exif=exif, quality=95))
    assert upright.size == size and upright.getexif().get(0x0112, 1) == 1
    corner = {1: (2, 2), 3: (37, 17), 6: (17, 2), 8: (2, 37)}[turn]
    colour = upright.getpixel(corner)
    assert isinstance(colour, tuple) and colour[0] > 200


def test_shorter_side_is_limited_and_small_images_keep_their_bytes() -> None:
    assert stored(png((400, 200))).size == (192, 96)
    kept = store_image(png((50, 40)), SIDE)
    assert kept.data == png((50, 40)) and (kept.width, kept.height) == (50, 40)
    large = encoded(photo(1600, 1200), "JPEG", quality=90)
    assert stored(large, 336).size == (448, 336)
    assert np.abs(np.asarray(stored(large, 336), float) - np.asarray(photo(448, 336), float)).mean() < 4


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not an image", "image unreadable"),
        (b"", "image unreadable"),
        (png((300, 300))[:200], "image unreadable"),
        (encoded(photo(300, 300), "JPEG")[:-900], "image unreadable"),
        (encoded(photo(90, 90), "JPEG")[:-900], "image unreadable"),
        (png((4, 300)), "image too small"),
        (png((10, 900)), "image too narrow"),
    ],
)
def test_unusable_images(data: bytes, reason: str) -> None:
    with pytest.raises(UnusableImage, match=reason):
        store_image(data, SIDE)


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = encoded(Image.new("1", (12_000, 9_000)), "PNG")
    assert len(bomb) < 200_000
    with pytest.raises(UnusableImage, match="image too large: 12000 x 9000"):
        store_image(bomb, SIDE)


@settings(max_examples=300, deadline=None)
@given(
    form=st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]),
    cut=st.floats(0, 1),
    place=st.floats(0, 1),
    value=st.binary(min_size=1, max_size=8),
)
def test_damaged_files_are_stored_or_refused(form: str, cut: float, place: float, value: bytes) -> None:
    data = encoded(photo(120, 100), form)
    spot = int(place * (len(data) - len(value)))
    damaged = data[:spot] + value + data[spot + len(value) :]
    try:
        assert stored(damaged[: int(cut * len(data)) or len(data)]).mode == "RGB"
    except UnusableImage as reason:
        assert str(reason).partition(":")[0] in {
            "image unreadable",
            "image too small",
            "image too large",
            "image too narrow",
        }


@pytest.mark.parametrize("seed", range(5))
def test_looks_survive_scaling_and_compression_and_tell_pictures_apart(seed: int) -> None:
    def look(data: bytes) -> np.ndarray:
        return np.frombuffer(store_image(data, 336).look.bits, dtype=np.uint8)

    picture = photo(640, 480, seed)
    original = look(encoded(picture, "PNG"))
    for copy in (
        encoded(picture, "JPEG", quality=60),
        encoded(picture.resize((400, 300)), "JPEG", quality=80),
        encoded(picture.resize((1280, 960)), "WEBP"),
    ):
        assert bits_between(original, look(copy)) <= 12
    assert bits_between(original, look(encoded(photo(640, 480, seed + 100), "PNG"))) > 30


def test_plain_images_are_known_as_such(tmp_path: Path) -> None:
    assert store_image(png((200, 200)), SIDE).look.plain
    assert not store_image(encoded(photo(200, 200), "PNG"), SIDE).look.plain
