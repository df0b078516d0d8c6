"""Prompts about one picture begin alike: what they share goes through the language model once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import torch
from transformers.modeling_outputs import BaseModelOutputWithPooling


@dataclass(frozen=True)
class _Group:
    """Questions about one picture."""

    members: list[int]
    prefix: list[int]
    """Tokens that all of them begin with."""


def share_prefixes(model: Any, inputs: dict[str, Any], keys: Sequence[str], pad: int, image: int) -> dict[str, Any]:
    """The same inputs with what is shared computed already, as keys and values that ``generate`` goes on from.

    Args:
        model: a LLaVA, or one of ours.
        inputs: ``input_ids`` and ``attention_mask`` (batch, length), padded on the left, and ``mm_encoder_outputs``.
        keys: (batch,) the same for the same picture.
        pad: the padding token's id.
        image: the id of the token that stands for pictures.

    Returns:
        ``inputs`` where no picture has several questions, or their prompts part before the picture.
    """
    rows = [ids[mask.bool()].tolist() for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True)]
    groups = _groups(rows, keys)
    if len(groups) == len(rows) or any(image in rows[m][len(g.prefix) :] for g in groups for m in g.members):
        return inputs
    device = inputs["input_ids"].device
    features = inputs["mm_encoder_outputs"]["image"].pooler_output
    prefix_ids, prefix_mask = _left_padded([group.prefix for group in groups], pad, device)
    output = BaseModelOutputWithPooling()
    output.pooler_output = [features[group.members[0]] for group in groups]
    cache = model(
        input_ids=prefix_ids,
        attention_mask=prefix_mask,
        position_ids=(prefix_mask.cumsum(-1) - 1).clamp(min=0),
        mm_encoder_outputs={"image": output},
        use_cache=True,
        logits_to_keep=1,
    ).past_key_values
    owner = {member: place for place, group in enumerate(groups) for member in group.members}
    owners = torch.tensor([owner[member] for member in range(len(rows))], device=device)
    cache.batch_select_indices(owners)
    rests = [row[len(groups[owner[member]].prefix) :] for member, row in enumerate(rows)]
    rest_ids, rest_mask = _left_padded(rests, pad, device)
    return {
        "input_ids": torch.cat((prefix_ids[owners], rest_ids), dim=1),
        "attention_mask": torch.cat((prefix_mask[owners], rest_mask), dim=1),
        "past_key_values": cache,
    }


def _groups(rows: Sequence[list[int]], keys: Sequence[str]) -> list[_Group]:
    members: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        members.setdefault(key, []).append(place)
    return [_Group(places, _common([rows[place] for place in places])) for places in members.values()]


def _common(rows: Sequence[list[int]]) -> list[int]:
    """What all rows begin with; the last token is left out, as something has to be asked of the model."""
    alike = takewhile(lambda column: len(set(column)) == 1, zip(*(row[:-1] for row in rows), strict=False))
    return [column[0] for column in alike]


def _left_padded(rows: Sequence[list[int]], pad: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask, (rows, longest) each."""
    longest = max(map(len, rows))
    ids = [[pad] * (longest - len(row)) + row for row in rows]
    mask = [[0] * (longest - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)
