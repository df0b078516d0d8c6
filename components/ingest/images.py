"""Images decoded in full, made RGB, made small enough and encoded again."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

LEAST_SIDE, MOST_PIXELS, MOST_ASPECT = 8, 64_000_000, 20
_JPEG_QUALITY = 95
_LOSSLESS = {"PNG", "BMP", "GIF", "TIFF"}
_ROTATION_TAG = 0x0112


class UnusableImage(ValueError):
    """Bytes that are no image, or an image of an absurd size."""


def normalise_image(data: bytes, side: int) -> bytes:
    """The image upright, in RGB, with its shorter side at most ``side`` pixels, as PNG or JPEG.

    An image that needs no change keeps its bytes, so that it is not compressed twice.

    Raises:
        UnusableImage: with the reason.
    """
    picture = _decode(data)
    upright = picture.getexif().get(_ROTATION_TAG, 1) == 1
    if upright and picture.mode == "RGB" and min(picture.size) <= side and picture.format in ("PNG", "JPEG"):
        return data
    lossless = picture.format in _LOSSLESS
    return _encode(_shrink(_to_rgb(ImageOps.exif_transpose(picture)), side), lossless)


def _decode(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data))
        _refuse_absurd(*picture.size)
        picture.load()  # verify() would not decode the pixels
    except UnusableImage:
        raise
    except Exception as error:  # Pillow's plugins raise many kinds of error on damaged files
        raise UnusableImage(f"image unreadable: {type(error).__name__}") from None
    return picture


def _refuse_absurd(width: int, height: int) -> None:
    if min(width, height) < LEAST_SIDE:
        raise UnusableImage(f"image too small: {width} x {height}")
    if width * height > MOST_PIXELS:
        raise UnusableImage(f"image too large: {width} x {height}")
    if max(width, height) > MOST_ASPECT * min(width, height):
        raise UnusableImage(f"image too narrow: {width} x {height}")


def _to_rgb(picture: Image.Image) -> Image.Image:
    """Transparent parts become white paper."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    return Image.alpha_composite(paper, layer).convert("RGB")


def _shrink(picture: Image.Image, side: int) -> Image.Image:
    shorter = min(picture.size)
    if shorter <= side:
        return picture
    width, height = (max(side, round(edge * side / shorter)) for edge in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def _encode(picture: Image.Image, lossless: bool) -> bytes:
    stream = io.BytesIO()
    if lossless:
        picture.save(stream, "PNG")
    else:
        picture.save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return stream.getvalue()
