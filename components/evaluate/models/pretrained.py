"""Any image-text-to-text model of transformers, from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import AutoModelForImageTextToText, AutoProcessor

from components.evaluate.models.precision import load_weights
from components.evaluate.models.spec import Device, ModelError, Precision


def load_pretrained(folder: Path, precision: Precision, device: Device) -> tuple[Any, Any]:
    """The model in evaluation mode, and its processor. Code that lies in the folder is not run.

    Raises:
        ModelError: if transformers cannot read the folder as such a model, or it has no chat template.
    """
    try:
        # Pillow's resizing, whether or not torchvision is installed: the two give different pixels.
        processor = AutoProcessor.from_pretrained(folder, backend="pil")
        model = load_weights(AutoModelForImageTextToText, folder, precision, device)
    except ModelError:
        raise
    except Exception as error:  # what transformers raises for a file that it cannot read depends on the file
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{folder}: transformers cannot load it as an image-text-to-text model: {reason}") from error
    if getattr(processor, "chat_template", None) is None:
        raise ModelError(f"{folder}: no chat template; put its chat_template.jinja there, as the model's page gives it")
    if model.config.is_encoder_decoder:
        raise ModelError(f"{folder}: {model.config.model_type} has an encoder for text; only decoders are evaluated")
    return model, processor
