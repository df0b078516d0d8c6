"""What OpenVINO does on processors with VNNI alone, written into a graph so that any processor does it."""

from __future__ import annotations

import numpy as np
import openvino as ov
from openvino import opset15 as ops

_GROUP = 32
"""Numbers that share a scale, as OpenVINO's CPU plugin has it by default (DYNAMIC_QUANTIZATION_GROUP_SIZE)."""
_LARGEST = 127
_BYTES = ("i8", "u8", "i4", "u4")
_SCALING = ("Convert", "Subtract", "Multiply", "Reshape")
"""What stands between stored weights and their product."""


def round_numbers(model: ov.Model) -> int:
    """Round, in place, what is multiplied with weights that are stored as bytes or less (dynamic quantisation).

    In groups along a row, symmetric, to eight bits. Products with quantised numbers are left as they are.

    Returns:
        How many products that concerned.
    """
    products = [op for op in model.get_ordered_ops() if op.get_type_name() == "MatMul" and _is_rounded(op)]
    for product in products:
        product.input(0).replace_source_output(_rounded(product.input_value(0)))
    model.validate_nodes_and_infer_types()
    return len(products)


def _is_rounded(product: ov.Node) -> bool:
    numbers, weights = (product.input_value(place) for place in (0, 1))
    length = numbers.get_partial_shape()[-1]
    fits = length.is_static and length.get_length() % _GROUP == 0
    return fits and numbers.get_node().get_type_name() != "FakeQuantize" and _are_stored(weights.get_node())


def _are_stored(node: ov.Node) -> bool:
    while node.get_type_name() in _SCALING:
        node = node.input_value(0).get_node()
    return node.get_type_name() == "Constant" and node.get_element_type().get_type_name() in _BYTES


def _rounded(numbers: ov.Output) -> ov.Output:
    shape = ops.shape_of(numbers)
    groups = ops.reshape(numbers, ops.constant(np.array([-1, _GROUP], np.int64)), False)
    largest = ops.reduce_max(ops.abs(groups), ops.constant(np.array([1], np.int64)), keep_dims=True)
    scale = ops.maximum(ops.divide(largest, _number(_LARGEST)), _number(float(np.finfo(np.float32).tiny)))
    rounded = ops.multiply(ops.round(ops.divide(groups, scale)), scale)
    return ops.reshape(rounded, shape, False).output(0)


def _number(value: float) -> ov.Node:
    return ops.constant(np.float32(value))
