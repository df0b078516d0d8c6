"""A project folder with the data set as its only source, and the demo's tokenizer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.backbones.pretraining.tokenizer import train_tokenizer
from components.ingest.checks.rules import Rules

ROOT = Path(__file__).parents[2]
IMAGE_SIDE, MAX_LENGTH, IMAGE_TOKENS = 336, 2048, 144
"""As in the recipe."""
DATA, TOKENIZER = Path("data"), Path("artifacts/backbones/language_model")
_RESERVED = ("<|endofturn|>", "<|endoftext|>", "<|im_end|>", "<|image|>")
_SEED = 17


def make_project(folder: Path, data: Path) -> Path:
    """Fresh, whatever was there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / DATA).symlink_to(data.resolve())
    train_tokenizer(_SEED).save_pretrained(folder / TOKENIZER)
    yaml = YAML()
    params: dict[str, Any] = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["model"]["image_tokens_per_side"] = 12
    params["ingest"] |= {
        "image_side": IMAGE_SIDE,
        "max_length": MAX_LENGTH,
        "sources": [
            {"name": "set", "stage": "finetune", "origin": f"folder:{DATA}", "reader": "llava", "licence": "cc0"}
        ],
        "benchmarks": [],
    }
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)
    return folder


def rules() -> Rules:
    """What every way checks its samples against."""
    return Rules("finetune", IMAGE_SIDE, MAX_LENGTH, IMAGE_TOKENS, str(TOKENIZER), _RESERVED)
