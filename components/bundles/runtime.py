"""Opening a bundle with the runtime that its format is made for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PIL import Image

from components.bundles.conversation import Stream, Turn
from components.bundles.manifest import check_bundle


class Runtime(Protocol):
    """A loaded bundle. One answer at a time."""

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        """The answer to a conversation, piece by piece, decoded greedily; each begins from an empty state."""


def open_bundle(folder: Path, threads: int | None = None) -> Runtime:
    """Check every file of a bundle, then load it.

    Args:
        threads: None: as many as the runtime thinks fit.

    Raises:
        BundleError: naming the file that is missing or damaged, or the runtime that is not installed.
    """
    if check_bundle(folder).format == "gguf":
        from components.bundles.llama_cpp.runtime import LlamaCppRuntime

        return LlamaCppRuntime(folder, threads)
    from components.bundles.openvino.pipeline import Pipeline

    return Pipeline(folder, threads)


def answer(runtime: Runtime, question: str, picture: Image.Image | None, max_new_tokens: int) -> str:
    """The whole answer to one question."""
    return "".join(runtime.stream([Turn("user", question)], picture, max_new_tokens)).strip()
