"""Eight-bit weights and, for the image encoder, eight-bit arithmetic."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import nncf
import numpy as np
import openvino as ov


def quantise_image_encoder(model: ov.Model, pixels: Sequence[np.ndarray]) -> ov.Model:
    """Post-training quantisation of a transformer, calibrated on real pictures, each (1, 3, height, width)."""
    _quiet()
    return nncf.quantize(
        model, nncf.Dataset(list(pixels)), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(pixels)
    )


def compress_weights(model: ov.Model) -> ov.Model:
    """Weights to eight bits, asymmetric, a scale and zero point a channel; arithmetic stays in floating point."""
    _quiet()
    return nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_ASYM)


def _quiet() -> None:
    logging.getLogger("nncf").setLevel(logging.ERROR)
