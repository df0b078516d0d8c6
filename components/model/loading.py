"""Loading a saved model with its processor."""

from __future__ import annotations

from pathlib import Path

import torch

from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor
from components.model.refusals import told_to_users
from components.stages.errors import Missing


def load_model(
    path: Path, device: str = "cpu", dtype: torch.dtype | None = None
) -> tuple[KoreanVlmForConditionalGeneration, KoreanVlmProcessor]:
    """The model in evaluation mode, and its processor.

    Raises:
        Missing: if the folder holds no model, naming the stage that writes it.
        UnfitConnector: if the weights are of another connector than config.json says.
    """
    if not (path / "config.json").is_file():
        raise Missing(f"no model in {path}: run the stage that writes it (`dvc repro {path.parent.name}`)")
    processor = KoreanVlmProcessor.from_pretrained(path)
    with told_to_users():
        model = KoreanVlmForConditionalGeneration.from_pretrained(path, dtype=dtype or "auto")
    return model.to(device).eval(), processor


def save_model(model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor, folder: Path) -> None:
    """Write both into one folder, with the code that reads them where this project is not installed."""
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
