"""``demo:<set>``: the demo's data sets, drawn on the spot, each in the layout of a real one.

``demo:captions@0.1`` draws a tenth of it. To add a set: a file here with ``write`` and a line in SETS.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from components.files.atomic import new_folder
from components.fingerprints.fingerprint import of_code
from components.fingerprints.plugins import DEMO, ORIGINS
from components.ingest.origins.demo import (
    captions,
    coco_captions,
    conversations,
    culture,
    instructions,
    k_dtcbench,
    k_mmbench,
    labels,
    llava_w,
    ocr_box,
    ocr_complex,
    ocr_read,
    signs,
)
from components.ingest.records import SourceError

SETS: dict[str, Callable[[Path, random.Random, float], None]] = {
    "captions": captions.write,
    "conversations": conversations.write,
    "signs": signs.write,
    "labels": labels.write,
    "k-dtcbench": k_dtcbench.write,
    "k-mmbench": k_mmbench.write,
    "k-llava-w": llava_w.write,
    "culture": culture.write,
    "coco-captions": coco_captions.write,
    "ocr-box": ocr_box.write,
    "ocr-read": ocr_read.write,
    "ocr-complex": ocr_complex.write,
    "instructions": instructions.write,
}
"""Each writes its files into a folder; the share scales the number of samples."""


def fetch(place: str, seed: int, scratch: Path) -> Path:
    """Draw the set, unless the same code has drawn it from the same seed before."""
    name, _, share = place.partition("@")
    if name not in SETS:
        raise SourceError(f"origin demo:{place} in params.yaml is unknown: sets are {', '.join(SETS)}")
    target = scratch / f"{name}-{_key(place, seed)}"
    if not target.is_dir():
        print(f"ingest: drawing demo:{place}", flush=True)
        with new_folder(target) as part:
            SETS[name](part, random.Random(f"{seed} {name}"), _share(share, place))
    return target


def _share(text: str, place: str) -> float:
    try:
        share = float(text or 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise SourceError(f"origin demo:{place} in params.yaml: the share after @ must be above 0 and at most 1")
    return share


def _key(place: str, seed: int) -> str:
    """Changes with whatever the drawn files depend on."""
    name = place.partition("@")[0]
    code = of_code(SETS[name].__module__, chosen={ORIGINS: frozenset(), DEMO: frozenset({name})})
    return replace(code, params={"place": place, "seed": seed}).digest[:16]
