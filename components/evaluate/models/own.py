"""This project's models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from components.evaluate.models.precision import compute_dtype, load_weights, torch_device
from components.evaluate.models.spec import Device, Precision
from components.model import KoreanVlmForConditionalGeneration, KoreanVlmProcessor
from components.model.loading import load_model


def load_own(folder: Path, precision: Precision, device: Device) -> tuple[Any, Any]:
    """The model in evaluation mode, and its processor."""
    if precision in ("fp32", "bf16"):
        return load_model(folder, torch_device(device), compute_dtype(precision, device))
    model = load_weights(KoreanVlmForConditionalGeneration, folder, precision, device)
    return model, KoreanVlmProcessor.from_pretrained(folder)
