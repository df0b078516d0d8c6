"""Number formats that a model is loaded in."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForImageTextToText, BitsAndBytesConfig

from components.evaluate.models.spec import Device, ModelError, Precision

_TORCH_DEVICES: dict[Device, str] = {"cpu": "cpu", "gpu": "cuda"}
_QUANTISED_COMPUTE: dict[Device, torch.dtype] = {"cpu": torch.float32, "gpu": torch.bfloat16}


def torch_device(device: Device) -> str:
    """The device by torch's name.

    Raises:
        ModelError: if this machine has no GPU that torch can use.
    """
    if device == "gpu" and not torch.cuda.is_available():
        raise ModelError("device: gpu, but torch finds no GPU on this machine: run it on one, or set device: cpu")
    return _TORCH_DEVICES[device]


def compute_dtype(precision: Precision, device: Device) -> torch.dtype:
    """In what the model computes. Quantised weights are widened to it, layer by layer."""
    if precision == "fp32":
        return torch.float32
    return torch.bfloat16 if precision == "bf16" else _QUANTISED_COMPUTE[device]


def load_weights(kind: Any, folder: Path, precision: Precision, device: Device) -> Any:
    """A model in evaluation mode, its weights read straight to the device.

    int8 is LLM.int8() (arXiv:2208.07339), int4 is NF4 with nested scales (arXiv:2305.14314), both by bitsandbytes. Only
    the language model's layers are quantised; the image encoder, the connector and the head stay as they are.

    Args:
        kind: a class of transformers with ``from_pretrained``.

    Raises:
        ModelError: if the files lack weights, which transformers would draw at random.
    """
    dtype = compute_dtype(precision, device)
    settings: dict[str, Any] = {"dtype": dtype, "device_map": {"": torch_device(device)}, "output_loading_info": True}
    if precision in ("int8", "int4"):
        settings["quantization_config"] = _quantisation(precision, dtype, _unquantised(folder))
    model, report = kind.from_pretrained(folder, **settings)
    if missing := sorted(report["missing_keys"]):
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        raise ModelError(f"{folder} lacks the weights {missing[0]}{more}: copy the model again")
    return model.eval()


def _quantisation(precision: Precision, dtype: torch.dtype, kept: list[str]) -> BitsAndBytesConfig:
    if precision == "int8":
        # It warns at each layer of each step that inputs are cast to fp16, which is what the method does.
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=kept)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=kept,
    )


def _unquantised(folder: Path) -> list[str]:
    """Names of all linear layers outside the language model."""
    with torch.device("meta"):
        model = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(folder))
    reader = model.get_decoder()
    inside = {id(module) for module in reader.modules()}
    return [
        name for name, module in model.named_modules() if isinstance(module, nn.Linear) and id(module) not in inside
    ]
