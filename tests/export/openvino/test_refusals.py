"""Groups that do not divide a language model's widths."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.export.openvino.refusals import GroupsDoNotFit, check_groups
from components.model import KoreanVlmConfig
from tests.export.conftest import wanted


def config(hidden: int, heads: int, head_dim: int, intermediate: int) -> KoreanVlmConfig:
    """Of a language model with such widths."""
    text: dict[str, Any] = {"hidden_size": hidden, "num_attention_heads": heads, "head_dim": head_dim}
    return KoreanVlmConfig(text_config={"model_type": "llama", "intermediate_size": intermediate} | text)


@pytest.mark.parametrize(
    ("size", "widths", "said"),
    [
        (64, (96, 4, 32, 128), "64 does not divide the language model's width of 96 (hidden_size); use 32, or weights"),
        (64, (128, 4, 24, 128), "width of 96 (num_attention_heads x head_dim); use 32, or weights: int8"),
        (128, (128, 4, 32, 320), "width of 320 (intermediate_size); use 64, or weights: int8"),
        (64, (96, 4, 32, 160), "width of 96 (hidden_size) and 160 (intermediate_size); use 32, or"),
        (32, (48, 4, 16, 96), "width of 48 (hidden_size); use weights: int8"),
    ],
)
def test_message_names_parameter_widths_and_what_fits(size: int, widths: tuple[int, int, int, int], said: str) -> None:
    with pytest.raises(GroupsDoNotFit, match=rf"^export\.bundles\[small\]\.group_size: .*{re.escape(said)}"):
        check_groups(wanted("int4", name="small", group_size=size), config(*widths))


@pytest.mark.parametrize("size", [32, 64, 128])
def test_what_fits_is_let_through(size: int) -> None:
    check_groups(wanted("int4", group_size=size), config(256, 4, 32, 640))


@pytest.mark.parametrize("weights", ["fp16", "int8"])
def test_other_weights_have_no_groups(weights: str) -> None:
    check_groups(wanted(weights, group_size=128), config(48, 4, 12, 96))
