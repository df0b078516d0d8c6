"""What a bundle's configuration files say, as far as the graphs alone do not tell it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from components.bundles.preprocess import Preprocessing


@dataclass(frozen=True)
class Config:
    """Of one bundle."""

    image_token_id: int
    image_tokens: int
    """Tokens that a picture takes."""
    preprocessing: Preprocessing


def read_config(folder: Path) -> Config:
    """From config.json and preprocessor_config.json."""
    model = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    picture = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    return Config(model["image_token_index"], model["image_seq_length"], Preprocessing.from_config(picture))
