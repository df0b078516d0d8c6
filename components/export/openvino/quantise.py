"""Eight- or four-bit weights and, for the image encoder, eight-bit arithmetic."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

import nncf
import numpy as np
import openvino as ov

from components.params.export import OpenVinoBundle

_NOT_BYTES = ("ScaledDotProductAttention", "GroupConvolution")
"""What has no weights to halve the range of, and what NNCF does not halve it of."""


def quantise_image_encoder(model: ov.Model, pixels: Sequence[np.ndarray], left_out: Sequence[str] = ()) -> ov.Model:
    """Post-training quantisation of a transformer, calibrated on real pictures, each (1, 3, height, width).

    Weights take half of their range; what attention multiplies, and what a convolution does channel by channel, stays
    in floating point. So no sum of two products of bytes leaves sixteen bits, and the result is the same on processors
    without VNNI.

    Args:
        left_out: names of layers within the model that stay in floating point.
    """
    _quiet()
    return nncf.quantize(
        model,
        nncf.Dataset(list(pixels)),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(pixels),
        ignored_scope=nncf.IgnoredScope(
            types=list(_NOT_BYTES),
            patterns=[rf".*\.{re.escape(name)}/.*" for name in left_out],
            validate=False,  # a connector may have no attention, and a layer more than one operation
        ),
        advanced_parameters=nncf.AdvancedQuantizationParameters(overflow_fix=nncf.OverflowFix.ENABLE),
    )


def compress_to_int8(model: ov.Model) -> ov.Model:
    """Weights to eight bits, asymmetric, a scale and zero point a channel; arithmetic stays in floating point."""
    _quiet()
    return nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_ASYM)


def compress_to_int4(model: ov.Model, wanted: OpenVinoBundle, embedded: Sequence[np.ndarray]) -> ov.Model:
    """A language model's weights to four bits, symmetric, a scale a group; those of its head to eight.

    Args:
        model: the stateful language model.
        wanted: the size of a group, and what is done to lose less.
        embedded: calibration samples as the language model reads them, each (length, width).
    """
    _quiet()
    needs_data = wanted.awq or wanted.scale_estimation
    return nncf.compress_weights(
        model,
        mode=nncf.CompressWeightsMode.INT4_SYM,
        group_size=wanted.group_size,
        awq=wanted.awq or None,
        scale_estimation=wanted.scale_estimation or None,
        dataset=nncf.Dataset([_inputs(one) for one in embedded]) if needs_data else None,
        subset_size=max(1, len(embedded)),
    )


def _inputs(embedded: np.ndarray) -> dict[str, np.ndarray]:
    length = len(embedded)
    return {
        "inputs_embeds": embedded[None].astype(np.float32),
        "attention_mask": np.ones((1, length), dtype=np.int64),
        "position_ids": np.arange(length, dtype=np.int64)[None],
        "beam_idx": np.zeros(1, dtype=np.int32),
    }


def _quiet() -> None:
    logging.getLogger("nncf").setLevel(logging.ERROR)
