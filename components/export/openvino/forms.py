"""Forms of the image encoder, from the fastest to the most exact; none depends on how a processor multiplies bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """How much of image encoder and connector computes in bytes."""

    name: str
    """In reports (components.export.texts explains it)."""
    left_out: float | None
    """Share of the layers that stay in floating point, those first that rounding harms most; None: all of them, and
    only weights are bytes."""


# Weights take half of a byte's range, and attention's own products stay in floating point. Whole bytes would be as
# fast, and as much as their products saturate, worse where processors have no VNNI.
LADDER = (
    Form("int8", 0),
    Form("int8-7of8", 1 / 8),
    Form("int8-3of4", 1 / 4),
    Form("int8-1of2", 1 / 2),
    Form("int8-weights", None),
)
UNQUANTISED = Form("fp16", 1)
AS_SET = Form("", 1)
"""Of bundles in which params.yaml alone says how the image encoder computes."""
