"""What cannot be compressed as wanted, found before anything is computed."""

from __future__ import annotations

from typing import get_args

from components.model.configuration import KoreanVlmConfig
from components.params.export import OpenVinoBundle
from components.stages.errors import UserError

_SIZES = get_args(OpenVinoBundle.model_fields["group_size"].annotation)


class GroupsDoNotFit(UserError):
    """A layer's width is no multiple of the group size; the message names the parameter, and a size that fits."""


def check_groups(wanted: OpenVinoBundle, config: KoreanVlmConfig) -> None:
    """Look at the widths that share scales in groups: those of all layers but the head, which has eight bits.

    Raises:
        GroupsDoNotFit: if weights of four bits are wanted and groups do not divide a width.
    """
    if wanted.weights != "int4":
        return
    text = config.text_config
    widths = {
        "hidden_size": text.hidden_size,
        "num_attention_heads x head_dim": text.num_attention_heads * text.head_dim,
        "intermediate_size": text.intermediate_size,
    }
    misfits = [f"{width} ({name})" for name, width in widths.items() if width % wanted.group_size]
    if misfits:
        fitting = [size for size in _SIZES if not any(width % size for width in widths.values())]
        advice = f"use {max(fitting)}, or weights: int8" if fitting else "use weights: int8"
        raise GroupsDoNotFit(
            f"export.bundles[{wanted.name}].group_size: {wanted.group_size} does not divide the language model's "
            f"width of {' and '.join(misfits)}; {advice}"
        )
