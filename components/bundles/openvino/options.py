"""How OpenVINO is told to run on the processor at hand."""

from __future__ import annotations

from typing import Any

from components.bundles.openvino.arithmetic import own_arithmetic

WITHOUT_ROUNDING: dict[str, Any] = {"DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
"""Numbers that are multiplied with weights stored as bytes stay as they are: what processors without VNNI do."""


def options(threads: int | None) -> dict[str, Any]:
    """For loading any model.

    Args:
        threads: None: as many as the runtime thinks fit.
    """
    wanted: dict[str, Any] = {"INFERENCE_NUM_THREADS": threads} if threads else {}
    if own_arithmetic() == "saturating":
        # A processor without VNNI does so by itself. Of one that ONEDNN_MAX_CPU_ISA restricts, OpenVINO still believes
        # that it has VNNI and bf16, and finds no kernel.
        wanted |= WITHOUT_ROUNDING | {"INFERENCE_PRECISION_HINT": "f32"}
    return wanted
