"""A small project for whole runs of the stage."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from ruamel.yaml import YAML

from components.params.load import load_params
from components.params.schema import Params
from tests.ingest.samples import chat, encoded, row

ROOT = Path(__file__).parents[2]


def write_set(folder: Path, rows: int, seed: int) -> Path:
    """LLaVA's layout with pictures of noise, a few of which are missing or repeated."""
    rng = np.random.default_rng(seed)
    names = [f"{number // 20:03d}.jpg" if number % 50 == 0 else f"{number:05d}.jpg" for number in range(rows)]
    talks = [row(question=f"<image>\n{number}번?", answer=f"{seed} {number}", id=number) for number in range(rows)]
    kept = {name for number, name in enumerate(names) if number % 97}
    images = {name: encoded(_noise(rng), "JPEG") for name in sorted(kept)}
    return chat(folder, [{**talk, "image": name} for talk, name in zip(talks, names, strict=True)], images)


def make_project(folder: Path, tokenizer: Path) -> Path:
    """A folder in which the stage can run, once it has parameters."""
    shutil.copytree(tokenizer, folder / "artifacts/backbones/language_model")
    return folder


def write_params(folder: Path, sources: Sequence[dict[str, Any]], **ingest: Any) -> Params:
    """The project's parameters, with these sources and without benchmarks."""
    params = load_params(ROOT / "params.yaml").model_dump()
    params["ingest"] |= {"sources": list(sources), "benchmarks": [], "shard_mib": 1, **ingest}
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(json.loads(json.dumps(params)), file)
    return load_params(folder / "params.yaml")


def declare(name: str, folder: Path, **fields: Any) -> dict[str, Any]:
    """A source in LLaVA's layout."""
    given = {"name": name, "stage": "finetune", "origin": f"folder:{folder}", "reader": "llava", "licence": "cc0"}
    return {**given, **fields}


def digests(root: Path) -> dict[str, str]:
    """Of all that the stage has written."""
    files = [path for path in (root / "artifacts/ingest").rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def _noise(rng: np.random.Generator) -> Image.Image:
    blocks = rng.integers(0, 256, (15, 20, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((160, 120), Image.Resampling.BICUBIC)
