"""Names of a bundle's files, and what its language model's file says beyond llama.cpp's own keys."""

from __future__ import annotations

from pathlib import Path

from components.bundles.manifest import AGAIN, BundleError

IMAGE_TOKEN_ID = "korean_vlm.image_token_id"
"""Key of the id that stands, in a prompt, where image tokens go."""
IMAGE_SIDE = "korean_vlm.image_side"
"""Key of the side, in pixels, of the square picture that the projector reads."""
LANGUAGE_MODEL, PROJECTOR = "language_model", "projector"


def language_model_name(kind: str) -> str:
    """``language_model-Q8_0.gguf`` for Q8_0."""
    return f"{LANGUAGE_MODEL}-{kind}.gguf"


def projector_name(kind: str) -> str:
    """``projector-F16.gguf`` for F16."""
    return f"{PROJECTOR}-{kind}.gguf"


def language_model_path(folder: Path) -> Path:
    """Of the one that a bundle has.

    Raises:
        BundleError: if there is none, or more than one.
    """
    return _only(folder, f"{LANGUAGE_MODEL}-*.gguf")


def projector_path(folder: Path) -> Path:
    """Of the one that a bundle has.

    Raises:
        BundleError: if there is none, or more than one.
    """
    return _only(folder, f"{PROJECTOR}-*.gguf")


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise BundleError(f"{folder} must hold one file {pattern}, and holds {names}: {AGAIN}")
    return found[0]
