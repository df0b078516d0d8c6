"""Tensors in the number formats that GGUF files hold, without llama.cpp."""

from __future__ import annotations

import gguf
import numpy as np
import torch

TYPES = {name: gguf.GGMLQuantizationType[name] for name in ("F32", "F16", "BF16", "Q8_0")}
"""Formats that the package ``gguf`` can write by itself."""


def add_tensor(writer: gguf.GGUFWriter, name: str, tensor: torch.Tensor, kind: str) -> None:
    """Add a tensor in one of TYPES; in F16 where Q8_0 does not fit, that is, rows are no multiple of its 32 values."""
    values = np.ascontiguousarray(tensor.detach().float().numpy())
    if kind == "Q8_0" and values.shape[-1] % gguf.GGML_QUANT_SIZES[TYPES[kind]][0]:
        kind = "F16"
    writer.add_tensor(name, gguf.quants.quantize(values, TYPES[kind]), raw_dtype=TYPES[kind])
