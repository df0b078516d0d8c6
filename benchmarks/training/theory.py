"""What the savings come to by FLOPs alone, over many samples of the mix and at micro-batches too large for a CPU."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from benchmarks.training.mix import LABELLED, Lengths
from benchmarks.training.setting import LLAVA_IMAGE_TOKENS
from components.training.flops import FlopRates

_MICRO_BATCHES = (1, 2, 4, 8, 16)


def table(lengths: Lengths, theirs: FlopRates, ours: FlopRates, image_tokens: int) -> Table:
    """For each micro-batch, LLaVA's padding and its FLOPs relative to the project's.

    Args:
        lengths: of samples in a random order; their number is a multiple of each micro-batch.
        theirs: rates of LLaVA's way, which pads and computes logits everywhere.
        ours: rates of the project's way, which packs and computes logits for labels only.
        image_tokens: that the project's model makes of an image.
    """
    result = Table(title="By FLOPs alone, over the whole mix", title_justify="left")
    for column in ("LLaVA's micro-batch", "its padding", "its FLOPs / the project's"):
        result.add_column(column, justify="right")
    packed = lengths.text + image_tokens * lengths.images
    images = int(lengths.images.sum())
    least = ours.of(packed, images, round(LABELLED * lengths.text.sum())).total
    for size in _MICRO_BATCHES:
        tokens, padded = _pad(lengths, LLAVA_IMAGE_TOKENS, size)
        most = theirs.of(padded, images, sum(padded)).total
        result.add_row(str(size), f"{1 - tokens / sum(padded):.0%}", f"{most / least:.2f}")
    return result


def _pad(lengths: Lengths, image_tokens: int, size: int) -> tuple[int, Sequence[int]]:
    """Tokens in all, and the length of each sample when it is padded to the longest of its micro-batch."""
    each = lengths.text + image_tokens * lengths.images
    longest = each.reshape(-1, size).max(axis=1)
    return int(each.sum()), longest.repeat(size).tolist()
