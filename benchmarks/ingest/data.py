"""A data set in LLaVA's layout with any number of samples, like the recipe's: small web images, photos of 640 x 480."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

_CANVASES, _CANVAS_SIDE = 12, 2048
_SMALL, _LARGE = (448, 336), (640, 480)
"""Pixels: half of the images are as in the CC3M sets, small enough to keep; half are as in COCO, and are shrunk."""
_QUALITY = 80
_DUPLICATE_EVERY, _DAMAGED_EVERY, _MISSING_EVERY = 200, 500, 700
_WORDS = ["사진", "사람", "나무", "하늘", "건물", "자동차", "음식", "글자", "간판", "시장", "바다", "산", "강", "학교"]
_CAPTIONS, _TALKS = (8, 30), (2, 5)
"""Words of an answer, and turns of a conversation."""


def write_set(folder: Path, samples: int, seed: int) -> None:
    """``chat.json`` and ``images.zip``; one image in 200 is the same one, in 500 cut short, in 700 missing."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    rows = []
    with zipfile.ZipFile(folder / "images.zip", "w") as archive:
        for number, data in enumerate(_images(rng, samples)):
            name = f"{number // 1000:05d}/{number:09d}.jpg"
            if number % _MISSING_EVERY != 1:
                archive.writestr(zipfile.ZipInfo(name), data)
            rows.append(_row(rng, number, name))
    (folder / "chat.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")


def _row(rng: np.random.Generator, number: int, name: str) -> dict[str, Any]:
    turns = []
    for turn in range(int(rng.integers(*_TALKS))):
        mark = "<image>\n" if turn == 0 else ""
        turns.append({"from": "human", "value": f"{mark}{_say(rng, 4)} 무엇인가요?"})
        turns.append({"from": "gpt", "value": f"{_say(rng, int(rng.integers(*_CAPTIONS)))}."})
    if number % _DUPLICATE_EVERY == 3:
        turns = [{"from": "human", "value": "<image>\n무엇인가요?"}, {"from": "gpt", "value": "사진입니다."}]
    return {"id": f"{number:09d}", "image": name, "conversations": turns}


def _say(rng: np.random.Generator, words: int) -> str:
    return " ".join(_WORDS[place] for place in rng.integers(0, len(_WORDS), words))


def _images(rng: np.random.Generator, count: int) -> Iterator[bytes]:
    canvases = [_canvas(rng) for _ in range(_CANVASES)]
    repeated = b""
    for number in range(count):
        data = _crop(rng, canvases, _SMALL if number % 2 else _LARGE)
        if number % _DUPLICATE_EVERY == 3:
            repeated = repeated or data
            data = repeated
        yield data[: len(data) // 2] if number % _DAMAGED_EVERY == 2 else data


def _canvas(rng: np.random.Generator) -> Image.Image:
    """Noise whose amplitudes fall with their frequency, as in photos (Field, JOSA A 4, 1987)."""
    frequency = np.fft.fftfreq(_CANVAS_SIDE) * _CANVAS_SIDE
    radius = np.maximum(np.hypot(frequency[:, None], np.fft.rfftfreq(_CANVAS_SIDE)[None] * _CANVAS_SIDE), 1)
    waves = rng.normal(size=(3, *radius.shape)) + 1j * rng.normal(size=(3, *radius.shape))
    channels = np.fft.irfft2(waves / radius**1.5, (_CANVAS_SIDE, _CANVAS_SIDE))
    values = np.clip(128 + 60 * channels / channels.std(), 0, 255).astype(np.uint8)
    return Image.fromarray(values.transpose(1, 2, 0).copy())


def _crop(rng: np.random.Generator, canvases: list[Image.Image], size: tuple[int, int]) -> bytes:
    canvas = canvases[rng.integers(len(canvases))]
    left, top = (int(rng.integers(0, _CANVAS_SIDE - side)) for side in size)
    piece = canvas.crop((left, top, left + size[0], top + size[1]))
    if rng.integers(2):
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    stream = io.BytesIO()
    piece.save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
