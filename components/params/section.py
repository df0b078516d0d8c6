"""What all sections of params.yaml have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(ge=0, le=1)]

# Every number has an upper limit, far above what anybody wants: beyond it there is a slip of the keyboard, which would
# show hours later, as a process that ran out of memory.
_MANY = 10**9
Positive = Annotated[int, Field(ge=1, le=_MANY)]
"""Samples, rows, steps."""
Length = Annotated[int, Field(ge=1, le=2**20)]
"""Tokens of a text or a sequence."""
AtOnce = Annotated[int, Field(ge=1, le=10**6)]
"""Samples or items that are computed together."""
Workers = Annotated[int, Field(ge=1, le=10**5)]
"""Processes of a cluster."""
Repeats = Annotated[int, Field(ge=1, le=10**4)]
Times = Annotated[int, Field(ge=0, le=10**4)]
Price = Annotated[float, Field(ge=0, le=_MANY)]
Bound = Annotated[float, Field(ge=0, le=_MANY)]
"""Of what is measured; 1.0e9 is none."""


class Section(BaseModel):
    """A section of params.yaml: no key beyond the declared ones, no silent conversion of types, finite numbers."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
