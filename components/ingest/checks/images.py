"""Images decoded in full, made RGB, made small enough and encoded again."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from components.ingest.checks.looks import LEAST_SIDE_FOR_LOOK, Look, look_of
from components.ingest.records import BadRow

LEAST_SIDE, MOST_PIXELS, MOST_ASPECT = 8, 64_000_000, 20
_JPEG_QUALITY = 95
_LOSSLESS = {"PNG", "BMP", "GIF", "TIFF"}
_ROTATION_TAG = 0x0112
_DEEP_MODES = ("I", "F")
"""16 bits and more a pixel, which Pillow would clip at 255 instead of scaling."""
_ENCODED_DIGEST = 16


class UnusableImage(BadRow):
    """Bytes that are no image, or an image of an absurd size."""


@dataclass(frozen=True)
class StoredImage:
    """An image as shards hold it."""

    data: bytes
    """PNG or JPEG, RGB, upright."""
    width: int
    height: int
    look: Look

    @property
    def digest(self) -> bytes:
        """16 bytes that tell whether two images are the same to the byte."""
        return hashlib.sha256(self.data).digest()[:_ENCODED_DIGEST]


def store_image(data: bytes, side: int) -> StoredImage:
    """The image upright, in RGB, with its shorter side at most ``side`` pixels, as PNG or JPEG.

    An image that needs no change keeps its bytes, so that it is not compressed twice.

    Raises:
        UnusableImage: with the reason.
    """
    try:
        picture = Image.open(io.BytesIO(data))
        _refuse_absurd(*picture.size)
        return _keep(picture, data) if _is_ready(picture, side) else _remake(picture, side)
    except UnusableImage:
        raise
    except Exception as error:  # Pillow's plugins raise many kinds of error on damaged files
        raise UnusableImage(f"image unreadable: {type(error).__name__}") from None


def _is_ready(picture: Image.Image, side: int) -> bool:
    upright = picture.getexif().get(_ROTATION_TAG, 1) == 1
    fits = picture.mode == "RGB" and min(picture.size) <= side and picture.format in ("PNG", "JPEG")
    return upright and fits and not picture.has_transparency_data


def _keep(picture: Image.Image, data: bytes) -> StoredImage:
    """Decoding at a reduced scale still reads every coefficient of a JPEG, and takes half the time."""
    width, height = picture.size
    picture.draft("L", (LEAST_SIDE_FOR_LOOK, LEAST_SIDE_FOR_LOOK))
    picture.load()  # verify() would not decode the pixels
    return StoredImage(data, width, height, look_of(picture))


def _remake(picture: Image.Image, side: int) -> StoredImage:
    lossless = picture.format in _LOSSLESS
    picture.draft(
        "RGB", _target(picture.size, side)
    )  # a JPEG far too large is decoded at a half, a quarter or an eighth
    picture.load()
    small = _shrink(_to_rgb(ImageOps.exif_transpose(picture)), side)
    return StoredImage(_encode(small, lossless), *small.size, look_of(small))


def _refuse_absurd(width: int, height: int) -> None:
    if min(width, height) < LEAST_SIDE:
        raise UnusableImage(f"image too small: {width} x {height}")
    if width * height > MOST_PIXELS:
        raise UnusableImage(f"image too large: {width} x {height}")
    if max(width, height) > MOST_ASPECT * min(width, height):
        raise UnusableImage(f"image too narrow: {width} x {height}")


def _to_rgb(picture: Image.Image) -> Image.Image:
    """Transparent parts become white paper; more than 8 bits a pixel are scaled down."""
    if picture.mode.startswith(_DEEP_MODES):
        picture = picture.convert("F").point(lambda value: value / 256).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, layer).convert("RGB")


def _shrink(picture: Image.Image, side: int) -> Image.Image:
    """As Pillow's bicubic filter does, to 2 of 255, in a third of its time: it takes most of what an image takes."""
    if min(picture.size) <= side:
        return picture
    import torch  # takes a second, and only the processes that make images smaller need it

    width, height = _target(picture.size, side)
    pixels = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None]
    small = torch.nn.functional.interpolate(pixels, (height, width), mode="bicubic", antialias=True)
    return Image.fromarray(small[0].permute(1, 2, 0).contiguous().numpy())


def _target(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Width and height with the shorter of them ``side`` long."""
    width, height = (max(side, round(edge * side / min(size))) for edge in size)
    return width, height


def _encode(picture: Image.Image, lossless: bool) -> bytes:
    stream = io.BytesIO()
    if lossless:
        picture.save(stream, "PNG")
    else:
        picture.save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return stream.getvalue()
