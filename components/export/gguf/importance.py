"""llama.cpp's importance matrix, measured on the transformers model: which inputs of a layer are large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from components.export.gguf.language_model import LINEAR_LAYERS
from components.export.original import Original
from components.export.samples import Sample
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor


@torch.no_grad()
def measure_importance(
    model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor, samples: Sequence[Sample]
) -> dict[str, np.ndarray]:
    """Mean squares of what each linear layer reads, over the samples' positions, by the tensor's name in the file.

    The quantiser weighs errors of a matrix's columns with them: llama.cpp's tools/imatrix/README.md. Embeddings and
    head are left out, as there.
    """
    original, reader = Original(model, processor), model.model.language_model
    sums: dict[str, torch.Tensor] = {}
    hooks = [
        layer.get_submodule(theirs).register_forward_pre_hook(_adder(sums, f"blk.{number}.{ours}.weight"))
        for number, layer in enumerate(reader.layers)
        for theirs, ours in LINEAR_LAYERS.items()
    ]
    positions = 0
    try:
        for sample in samples:
            features = None if sample.picture is None else original.features(sample.picture)
            reader(inputs_embeds=original.embedded(sample.ids, features)[None], use_cache=False)
            positions += len(sample.ids)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: (total / positions).float().numpy() for name, total in sums.items()}


def _adder(sums: dict[str, torch.Tensor], name: str) -> Callable[[Any, tuple[torch.Tensor, ...]], None]:
    def add(_module: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        squares = inputs[0].double().square().flatten(0, -2).sum(0)
        sums[name] = sums[name] + squares if name in sums else squares

    return add
