"""Handwritten digits: scikit-learn's 1,797 scans (8 x 8 pixels, UCI hand-written digits), one or two in a picture."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from components.scenes.scene import SIDE, Choice, Region, Scene, Split, Turn, bucket_split, pick_wrong
from components.scenes.vocabulary import DIGITS
from components.stages.errors import Missing

_PAPER = ((255, 255, 255), (252, 246, 228), (228, 240, 250), (235, 235, 235))
_BRIGHTEST = 16.0


@lru_cache(maxsize=1)
def _scans() -> tuple[np.ndarray, np.ndarray]:
    """Scans (1797, 8, 8) with values 0..16, and their digits (1797,).

    Raises:
        Missing: if scikit-learn is not installed. (Its file is read without importing it, which takes as long as
            drawing some hundred pictures.)
    """
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise Missing("handwritten digits not found: pip install scikit-learn")
    rows = np.loadtxt(Path(spec.origin).parent / "datasets/data/digits.csv.gz", delimiter=",")
    return rows[:, :-1].reshape(-1, 8, 8), rows[:, -1].astype(int)


@lru_cache(maxsize=1)
def scan_buckets() -> dict[str, tuple[int, ...]]:
    """Which scans each bucket holds: a scan's own digest decides, so a scan never stands in two splits."""
    images, _ = _scans()
    buckets: dict[str, list[int]] = {}
    for index, image in enumerate(images):
        bucket = hashlib.sha256(image.astype(np.uint8).tobytes()).hexdigest()[:2]
        buckets.setdefault(bucket, []).append(index)
    return {bucket: tuple(members) for bucket, members in sorted(buckets.items())}


@dataclass(frozen=True)
class Scan:
    """A scan at a place, in pixels."""

    index: int
    left: int
    top: int
    size: int


@dataclass(frozen=True)
class Digits(Scene):
    """One digit, or two side by side."""

    kind: ClassVar[str] = "digits"
    scans: tuple[Scan, ...]
    scan_bucket: str
    style: int

    @classmethod
    def sample(cls, rng: random.Random, split: Split | None = None) -> Digits:
        """A picture of scans of one bucket, of the wanted split where one is given."""
        wanted = [b for b in scan_buckets() if split is None or bucket_split(b) == split]
        bucket = rng.choice(wanted)
        members = scan_buckets()[bucket]
        if len(members) > 1 and rng.random() < 0.5:
            left, right = rng.sample(members, 2)
            scans = (_scan(rng, left, 0, 0, SIDE), _scan(rng, right, SIDE // 2, 0, SIDE))
            return cls(scans, bucket, rng.randrange(len(_PAPER)))
        size = rng.randint(80, 144)
        scan = Scan(rng.choice(members), rng.randint(0, SIDE - size), rng.randint(0, SIDE - size), size)
        return cls((scan,), bucket, rng.randrange(len(_PAPER)))

    @classmethod
    def sample_page(cls, rng: random.Random) -> Digits:
        """Four scans of one bucket, two by two: what the image encoder learns digits from."""
        bucket = rng.choice([b for b, members in scan_buckets().items() if len(members) >= 4])
        members = rng.sample(scan_buckets()[bucket], 4)
        half = SIDE // 2
        corners = ((0, 0), (half, 0), (0, half), (half, half))
        scans = [_scan(rng, i, left, top, half) for i, (left, top) in zip(members, corners, strict=True)]
        return cls(tuple(scans), bucket, rng.randrange(len(_PAPER)))

    @property
    def bucket(self) -> str:
        return self.scan_bucket

    @property
    def values(self) -> list[int]:
        """The digits from left to right."""
        return [int(_scans()[1][scan.index]) for scan in self.scans]

    def regions(self) -> list[Region]:
        regions = []
        for scan, value in zip(self.scans, self.values, strict=True):
            inset = scan.size / 8
            box = (scan.left + inset, scan.top, scan.left + scan.size - inset, scan.top + scan.size)
            x1, y1, x2, y2 = (edge / SIDE for edge in box)
            regions.append(Region(str(value), (x1, y1, x2, y2)))
        return regions

    def draw(self) -> Image.Image:
        paper = np.full((SIDE, SIDE, 3), _PAPER[self.style], dtype=np.float32)
        for scan in self.scans:
            strength = Image.fromarray((_scans()[0][scan.index] / _BRIGHTEST * 255).astype(np.uint8))
            ink = np.asarray(strength.resize((scan.size, scan.size), Image.Resampling.BICUBIC), dtype=np.float32)
            area = paper[scan.top : scan.top + scan.size, scan.left : scan.left + scan.size]
            area *= 1 - ink[..., None] / 255
        return Image.fromarray(paper.round().astype(np.uint8))

    def caption(self) -> str:
        return f"손으로 쓴 숫자 {', '.join(map(str, self.values))}입니다."

    def turns(self, rng: random.Random) -> list[Turn]:
        values = self.values
        if len(values) == 1:
            which = rng.choice(("어떤 숫자인가요?", "손으로 쓴 숫자를 읽어 주세요."))
            parity = "짝수" if values[0] % 2 == 0 else "홀수"
            return [
                Turn(which, str(values[0]), "digit"),
                Turn(rng.choice(("짝수인가요, 홀수인가요?", "이 수는 짝수입니까, 홀수입니까?")), parity, "parity"),
            ]
        turns = [Turn("왼쪽 숫자는 무엇인가요?", str(values[0]), "digit")]
        turns.append(Turn("오른쪽 숫자는 무엇인가요?", str(values[1]), "digit"))
        if values[0] != values[1]:
            turns.append(Turn("두 수 가운데 더 큰 수는 무엇인가요?", str(max(values)), "larger"))
        return turns

    def choices(self, rng: random.Random) -> list[Choice]:
        values = self.values
        if len(values) == 1:
            right, question = str(values[0]), "그림의 숫자는 무엇인가요?"
        elif values[0] != values[1]:
            right, question = str(max(values)), "두 수 가운데 더 큰 수는 무엇인가요?"
        else:
            return []
        near = [d for d in DIGITS if d != right]
        wrong = pick_wrong(rng, right, [str(v) for v in values] + rng.sample(near, len(near)))
        return [Choice(question, right, wrong, "digit")]


def _scan(rng: random.Random, index: int, left: int, top: int, high: int) -> Scan:
    """A scan somewhere in the half of the picture that begins at (left, top) and is ``high`` pixels high."""
    size = rng.randint(72, SIDE // 2)
    return Scan(index, left + rng.randint(0, SIDE // 2 - size), top + rng.randint(0, high - size), size)
