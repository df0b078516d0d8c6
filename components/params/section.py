"""What all sections of params.yaml have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """A section of params.yaml: no key beyond the declared ones, no silent conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
