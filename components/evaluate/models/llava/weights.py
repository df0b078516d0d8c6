"""The original's weights under the names that transformers' LLaVA gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from transformers import LlavaForConditionalGeneration

from components.evaluate.models.llava.shards import Stored
from components.evaluate.models.spec import ModelError

ENCODER = "model.vision_tower.vision_tower.vision_model."
"""Before the names of the image encoder's weights, where the checkpoint holds them."""
_NAMES = (
    (ENCODER, "model.vision_tower."),
    ("model.mm_projector.0.", "model.multi_modal_projector.linear_1."),
    ("model.mm_projector.2.", "model.multi_modal_projector.linear_2."),
    ("lm_head.", "lm_head."),
    ("model.", "model.language_model."),
)
"""Beginnings of names, there and here; the first that fits counts."""
_RECKONED = re.compile(r"(rotary_emb\.inv_freq|embeddings\.position_ids)$")
"""Constants that older versions stored and newer ones reckon."""
_VOCABULARY = ("model.language_model.embed_tokens.weight", "lm_head.weight")


def holds_encoder(stored: Mapping[str, Stored]) -> bool:
    """Whether the image encoder's weights are among them."""
    return any(name.startswith(ENCODER) for name in stored)


def rename(stored: Mapping[str, Stored]) -> dict[str, Stored]:
    """By the names of transformers; what no name is known for keeps its own."""
    return {_rename(name): value for name, value in stored.items() if not _RECKONED.search(name)}


def fill(model: LlavaForConditionalGeneration, stored: Mapping[str, Stored], source: Path) -> None:
    """Put the weights into a model without any (on the meta device), without copying them.

    A vocabulary that has grown gets rows of zeros. They are read and chosen by nothing: image features take the place
    of the placeholder's embedding, and ``suppress_tokens`` keeps it out of answers.

    Args:
        source: the checkpoint's folder, for messages.

    Raises:
        ModelError: if weights are missing, unknown or of another shape.
    """
    wanted = {name: tensor.shape for name, tensor in model.state_dict().items()}
    _check_names(wanted.keys() - stored.keys(), "is missing", source)
    _check_names(stored.keys() - wanted.keys(), "is in the files, but not in such a model", source)
    tensors = {name: _grown(value, wanted[name], name in _VOCABULARY) for name, value in stored.items()}
    for name, tensor in tensors.items():
        if tensor.shape != wanted[name]:
            raise ModelError(
                f"{stored[name].file}: {name} has the shape {tuple(tensor.shape)}; by config.json it would be "
                f"{tuple(wanted[name])}: do they belong to one checkpoint?"
            )
    model.load_state_dict(tensors, assign=True)


def _rename(name: str) -> str:
    for there, here in _NAMES:
        if name.startswith(there):
            return here + name.removeprefix(there)
    return name


def _check_names(names: set[str], complaint: str, source: Path) -> None:
    if names:
        first, more = min(names), len(names) - 1
        others = f" (and {more} more)" if more else ""
        raise ModelError(f"{source}: the weight {first} {complaint}{others}: is the checkpoint whole, and a LLaVA's?")


def _grown(value: Stored, shape: torch.Size, is_vocabulary: bool) -> torch.Tensor:
    rows = shape[0] - value.tensor.shape[0] if is_vocabulary else 0
    if rows <= 0:
        return value.tensor
    return torch.cat([value.tensor, value.tensor.new_zeros(rows, *value.tensor.shape[1:])])
