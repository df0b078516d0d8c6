"""Scenes sampled, drawn by all cores, and written as image files or archives."""

from __future__ import annotations

import io
import math
import random
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Literal

from components.cluster.workers import spread
from components.scenes.sampling import SAMPLERS
from components.scenes.scene import Scene
from components.scenes.vocabulary import UNSEEN_WORDS

Format = Literal["PNG", "JPEG"]
_SCENES_A_TASK = 40
_JPEG_QUALITY = 95
_PNG_LEVEL = 1
"""Quick: these files are read once or twice, and are small."""
_ZIP_DATE = (2025, 1, 1, 0, 0, 0)


def for_training(scene: Scene) -> bool:
    """Whether training may show the scene: none of the test split, no word that is held out."""
    return scene.split != "test" and not any(word.text in UNSEEN_WORDS for word in getattr(scene, "words", ()))


def for_benchmarks(scene: Scene) -> bool:
    """Whether the scene belongs to the test split."""
    return scene.split == "test"


def scaled(count: int, share: float) -> int:
    """A share of a count, at least one."""
    return max(1, math.ceil(count * share))


def sample_scenes(
    rng: random.Random, counts: Mapping[str, int], share: float, accept: Callable[[Scene], bool]
) -> list[Scene]:
    """So many different scenes of each kind, in random order."""
    scenes: list[Scene] = []
    for kind, count in counts.items():
        scenes += sample_some(partial(SAMPLERS[kind], rng), scaled(count, share), accept)
    rng.shuffle(scenes)
    return scenes


def sample_some(sample: Callable[[], Scene], count: int, accept: Callable[[Scene], bool]) -> list[Scene]:
    """``count`` different scenes that are accepted."""
    scenes: dict[str, Scene] = {}
    while len(scenes) < count:
        scene = sample()
        if accept(scene):
            scenes.setdefault(scene.name, scene)
    return list(scenes.values())


def draw(scenes: Sequence[Scene], form: Format) -> Iterator[bytes]:
    """The scenes' pictures as files, in order; some ahead of what is asked for."""
    parts = (scenes[i : i + _SCENES_A_TASK] for i in range(0, len(scenes), _SCENES_A_TASK))
    return chain.from_iterable(spread(partial(_draw_some, form=form), parts))


def write_zip(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """An archive of files that are compressed already; the same bytes for the same files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content)


def write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Loose files, in folders where their names have some."""
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _draw_some(scenes: Sequence[Scene], form: Format) -> list[bytes]:
    return [_encode(scene, form) for scene in scenes]


def _encode(scene: Scene, form: Format) -> bytes:
    stream = io.BytesIO()
    if form == "PNG":
        scene.draw().save(stream, "PNG", compress_level=_PNG_LEVEL)
    else:
        scene.draw().save(stream, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    return stream.getvalue()
