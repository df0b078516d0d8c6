"""Which products of a quantised graph could come out differently on processors without VNNI."""

from __future__ import annotations

import numpy as np
import openvino as ov

HALF_RANGE = 64
"""Two products of a byte up to 255 and a weight up to this one add up to 32,640: sixteen bits hold it."""
_PRODUCTS = ("MatMul", "Convolution", "GroupConvolution", "ConvolutionBackpropData", "ScaledDotProductAttention")
_BYTES = ("i8", "u8")
_MOVING = ("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Split", "VariadicSplit", "StridedSlice", "Slice", "Concat")
"""What passes quantised numbers on as they are."""
_SCALING = ("Convert", "Subtract", "Multiply", *_MOVING)
"""What stands between stored weights and their product."""


def saturating_products(model: ov.Model) -> list[str]:
    """Names of those products of bytes that no bound keeps within sixteen bits; empty: the graph's result is the same
    in every arithmetic.

    A product of weights and quantised numbers is bounded where the weights use half of their range; one of two kinds
    of quantised numbers, as in attention, never is. A graph in which no numbers are quantised has no products of bytes.
    """
    return [op.get_friendly_name() for op in model.get_ordered_ops() if op.get_type_name() in _PRODUCTS and _may(op)]


def _may(product: ov.Node) -> bool:
    inputs = [product.input_value(place).get_node() for place in range(min(product.get_input_size(), 3))]
    if not any(_is_quantised(node) for node in inputs):
        return False
    weights = [stored for node in inputs if (stored := _stored(node)) is not None]
    return not weights or any(int(np.abs(one.data.astype(np.int16)).max()) > HALF_RANGE for one in weights)


def _is_quantised(node: ov.Node) -> bool:
    """Whether a byte for each number reaches the product."""
    if node.get_type_name() in _MOVING:
        return any(_is_quantised(node.input_value(place).get_node()) for place in range(node.get_input_size()))
    return bool(node.get_type_name() == "FakeQuantize")


def _stored(node: ov.Node) -> ov.Node | None:
    """The bytes that weights are stored as, behind their scales; None: there are none, or weights are not quantised."""
    while node.get_type_name() in _SCALING:
        node = node.input_value(0).get_node()
    is_bytes = node.get_type_name() == "Constant" and node.get_element_type().get_type_name() in _BYTES
    return node if is_bytes else None
