"""How bytes are multiplied is found out, and what processors with VNNI do can be written into a graph."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import openvino as ov
import pytest
from openvino import opset15 as ops

from components.bundles.openvino.arithmetic import own_arithmetic
from components.bundles.openvino.rounding import round_numbers
from tests.model.tiny import ROOT

IS_X86 = platform.machine().lower() in ("x86_64", "amd64")
PRINT = "from components.bundles.openvino.arithmetic import own_arithmetic; print(own_arithmetic())"
RESTRICTED = {"ONEDNN_MAX_CPU_ISA": "AVX2"}
"""What no processor multiplies bytes exactly with."""


def said(code: str, **environment: str) -> str:
    """What a program prints."""
    command, settings = [sys.executable, "-c", code], os.environ | environment
    return subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(not IS_X86, reason="the restriction is one of x86-64's instruction sets")
def test_a_restricted_processor_saturates() -> None:
    assert said(PRINT, **RESTRICTED) == "saturating"


def test_this_processors_arithmetic_is_known() -> None:
    assert own_arithmetic() in (("exact", "saturating") if IS_X86 else ("unknown",))


def product(kind: ov.Type, numbers_are_bytes: bool = False) -> ov.Model:
    """Numbers (1, 64) by weights stored in a type, and their scale."""
    numbers = ops.parameter([1, 64], name="numbers")
    read = numbers
    if numbers_are_bytes:
        ends = [ops.constant(np.float32(end)) for end in (-1, 1, -1, 1)]
        read = ops.fake_quantize(numbers, *ends, levels=256)
    values = np.random.default_rng(5).integers(0, 100, (8, 64))
    stored = ops.convert(ops.constant(values.astype(np.uint8 if kind == ov.Type.u8 else np.float16)), "f32")
    scaled = ops.multiply(stored, ops.constant(np.full((8, 1), 0.02, np.float32)))
    return ov.Model([ops.matmul(read, scaled, False, True)], [numbers], "product")


def computed(model: ov.Model, numbers: np.ndarray) -> np.ndarray:
    """Without what the processor would round by itself."""
    exact = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0}
    return np.array(ov.Core().compile_model(model, "CPU", exact)(numbers)[0])


def test_numbers_are_rounded_in_groups_of_32() -> None:
    numbers = np.random.default_rng(6).normal(size=(1, 64)).astype(np.float32)
    numbers[0, :32] *= 100  # another scale
    groups = numbers.reshape(2, 32)
    scale = np.abs(groups).max(axis=1, keepdims=True) / 127
    rounded = (np.round(groups / scale) * scale).reshape(1, 64)
    model = product(ov.Type.u8)
    expected = computed(model, rounded)
    plain = computed(model, numbers)
    assert round_numbers(model) == 1
    found = computed(model, numbers)
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-3)
    assert np.abs(found - plain).max() > 0.05


@pytest.mark.parametrize("model", [product(ov.Type.f16), product(ov.Type.u8, numbers_are_bytes=True)])
def test_other_products_are_left_as_they_are(model: ov.Model) -> None:
    assert round_numbers(model) == 0
