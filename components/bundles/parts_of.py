"""A bundle's parts, for measuring. To talk to a bundle, see runtime.py."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from components.bundles.parts import Parts
from components.bundles.processor import Arithmetic


def open_parts(
    folder: Path, form: Literal["openvino", "gguf"], threads: int | None = None, arithmetic: Arithmetic | None = None
) -> Parts:
    """The files of a bundle, loaded without a look at its manifest.

    Args:
        form: the bundle's format.
        threads: None: as many as the runtime thinks fit.
        arithmetic: whose numbers OpenVINO is to give; None: the processor's own. llama.cpp's are the same in all.

    Raises:
        BundleError: if the format's runtime is not installed.
    """
    if form == "gguf":
        from components.bundles.llama_cpp.parts import LlamaCppParts

        return LlamaCppParts(folder, threads)
    from components.bundles.openvino.graphs import Graphs

    return Graphs(folder, threads, arithmetic)
