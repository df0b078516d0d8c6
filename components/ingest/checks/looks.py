"""Perceptual hashes: images that look alike differ in few bits, whatever their size and compression."""

from __future__ import annotations

from dataclasses import dataclass

import imagehash
import numpy as np
from PIL import Image, ImageStat

_SIDE, _OVERSAMPLED = 12, 5
BITS = _SIDE**2
"""A hash of 8 x 8 confuses tables and charts that differ; one of 16 x 16 differs for copies of one image, as high
frequencies change with compression. Copies of photos differ in at most 12 of 144 bits (tests/ingest/checks)."""
LOOK_BYTES = 24
"""The bits, filled up with zeros to whole words of 64."""
LEAST_SIDE_FOR_LOOK = 64
"""Pixels of the shorter side that the hash is taken from: it shrinks images to 60 x 60."""
_PLAIN = 4.0
"""Standard deviation of brightness (of 255) under which an image shows too little for its hash to mean anything."""


@dataclass(frozen=True)
class Look:
    """DCT hash of 12 x 12 low frequencies, each above or below their median (imagehash's ``phash``)."""

    bits: bytes
    """LOOK_BYTES bytes."""
    plain: bool
    """Nearly one colour: such images have hashes at random, and count as the same only if their bytes are."""


def look_of(picture: Image.Image) -> Look:
    """The look of a decoded picture of any mode and size."""
    grey = picture.reduce(max(1, min(picture.size) // LEAST_SIDE_FOR_LOOK)).convert("L")
    found = imagehash.phash(grey, hash_size=_SIDE, highfreq_factor=_OVERSAMPLED)
    bits = np.packbits(found.hash).tobytes().ljust(LOOK_BYTES, b"\0")
    return Look(bits, ImageStat.Stat(grey).stddev[0] < _PLAIN)
