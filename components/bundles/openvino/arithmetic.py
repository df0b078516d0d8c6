"""How OpenVINO multiplies bytes on the processor at hand, found out by letting it do so."""

from __future__ import annotations

import platform
from functools import cache

import numpy as np
import openvino as ov
from openvino import opset15 as ops

from components.bundles.processor import Arithmetic

_LENGTH, _OUTPUTS = 64, 16
_HIGH, _WEIGHT = 255, 127
_PAIR = 2**15 - 1
"""The largest sum of two products that sixteen bits hold."""


@cache
def own_arithmetic() -> Arithmetic:
    """That of the processor at hand, or of what ONEDNN_MAX_CPU_ISA leaves of it.

    The instruction for products of bytes of processors without VNNI adds up two of them in sixteen bits and cuts off
    what does not fit. What a processor's flags promise, and what the runtime makes of them, are two things: so the
    product of the largest bytes is asked for.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return "unknown"
    compiled = ov.Core().compile_model(_product(), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = float(compiled(np.full((1, _LENGTH), _HIGH, np.float32))[0][0, 0])
    if found == _LENGTH * _HIGH * _WEIGHT:
        return "exact"
    return "saturating" if found == _LENGTH // 2 * _PAIR else "unknown"


def _product() -> ov.Model:
    """Unsigned bytes by signed ones, as quantised models write it."""
    numbers = ops.parameter([1, _LENGTH], name="numbers")
    ends = [ops.constant(np.float32(end)) for end in (0, _HIGH, 0, _HIGH)]
    weights = ops.convert(ops.constant(np.full((_LENGTH, _OUTPUTS), _WEIGHT, np.int8)), "f32")
    scaled = ops.multiply(weights, ops.constant(np.float32(1)))
    product = ops.matmul(ops.fake_quantize(numbers, *ends, levels=256), scaled, False, False)
    return ov.Model([product], [numbers], "product")
