"""Pictures that come with requests."""

from __future__ import annotations

import base64
import binascii
import io
from urllib.parse import unquote_to_bytes

import httpx
from PIL import Image, UnidentifiedImageError

from components.bundles.serving.errors import BadRequest

MOST_BYTES = 20 * 2**20
"""Of a picture's file."""
_MOST_PIXELS = 50_000_000
_SECONDS = 20
_FIELD = "messages"


def read_picture(address: str) -> Image.Image:
    """A picture from a ``data:`` URL, or from an address that is loaded.

    Raises:
        BadRequest: if nothing comes from there, or what comes is no picture.
    """
    content = _content(address) if address.startswith("data:") else _loaded(address)
    try:
        picture = Image.open(io.BytesIO(content))
        if picture.width * picture.height > _MOST_PIXELS:
            raise BadRequest(
                f"image_url: {picture.width} x {picture.height} pixels are too many: scale it down", _FIELD
            )
        picture.load()
    except UnidentifiedImageError:
        raise BadRequest("image_url: what comes from there is no picture", _FIELD) from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadRequest(f"image_url: not a picture that can be read ({error})", _FIELD) from None
    return picture


def _content(address: str) -> bytes:
    kind, comma, data = address.partition(",")
    if not comma:
        raise BadRequest("image_url: a data URL has a comma before its data: data:image/png;base64,...", _FIELD)
    if not kind.endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise BadRequest(f"image_url: what follows base64, is not base64 ({error})", _FIELD) from None


def _loaded(address: str) -> bytes:
    if not address.startswith(("http://", "https://")):
        raise BadRequest("image_url: must begin with data:, http:// or https://", _FIELD)
    content = bytearray()
    try:
        with httpx.stream("GET", address, timeout=_SECONDS, follow_redirects=True) as reply:
            reply.raise_for_status()
            for piece in reply.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    raise BadRequest(f"image_url: {address} has more than {MOST_BYTES} bytes", _FIELD)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadRequest(f"image_url: {address} could not be loaded ({error})", _FIELD) from None
    return bytes(content)
