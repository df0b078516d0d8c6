"""The two small pretrained backbones that come with the project, and the hashes that guard them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from components.stages.errors import UserError

SHIPPED = Path(__file__).parent / "pretrained"
DESCRIBER = "describer.safetensors"
"""With what scenes were described to the language model: the image encoder learnt to say the same."""
_HASHES = "sha256.json"


class DamagedBackbone(UserError):
    """A shipped file is missing or is not the one that was shipped."""


def write_hashes(folder: Path) -> None:
    """Note the hash of every model file under ``folder``."""
    hashes = {str(p.relative_to(folder)): _sha256(p) for p in _model_files(folder)}
    (folder / _HASHES).write_text(json.dumps(hashes, indent=2) + "\n", encoding="utf-8")


def check_hashes(folder: Path) -> None:
    """Compare every file with its noted hash.

    Raises:
        DamagedBackbone: naming the first file that is missing or differs.
    """
    noted: dict[str, str] = json.loads((folder / _HASHES).read_text(encoding="utf-8"))
    for name, expected in noted.items():
        path = folder / name
        if not path.is_file():
            raise DamagedBackbone(f"{path} is missing: restore it with git, or run `make backbones`")
        if _sha256(path) != expected:
            raise DamagedBackbone(f"{path} is not the file that was shipped: restore it with git, or `make backbones`")


def _model_files(folder: Path) -> list[Path]:
    parts = ("image_encoder", "language_model")
    return [folder / DESCRIBER, *sorted(p for part in parts for p in (folder / part).iterdir() if p.is_file())]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
