"""Every number of params.yaml has limits on both sides."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from components.params.load import ParamsError, check_params
from components.params.schema import Params
from tests.model.tiny import params

HUGE = 10**18
SIGNED = {"feature_layer", "features"}
"""May be negative: counted from the end; a cosine."""


def numbers(kind: Any, limits: tuple[Any, ...] = (), where: str = "") -> Iterator[tuple[str, Any]]:
    """Each field that holds a number, with its limits: those of an optional one stand within the union."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from numbers(field.annotation, tuple(field.metadata), f"{where}.{name}".strip("."))
    elif kind in (int, float):
        yield where, Annotated[(kind, *limits)] if limits else kind
    elif hasattr(kind, "__metadata__"):
        yield from numbers(kind.__origin__, (*limits, *kind.__metadata__), where)
    else:
        own = tuple(limit for limit in limits if not isinstance(limit, FieldInfo))
        for inner in get_args(kind):
            yield from numbers(inner, own, where)


NUMBERS = dict(numbers(Params))


def refuses(kind: Any, value: float) -> bool:
    try:
        TypeAdapter(kind, config={"strict": True, "allow_inf_nan": False}).validate_python(value)
    except ValidationError:
        return True
    return False


def test_all_are_found() -> None:
    assert len(NUMBERS) > 75
    assert {"seed", "ingest.sources.weight", "finetune.lora.rank", "evaluate.judge.price.input"} <= NUMBERS.keys()


@pytest.mark.parametrize("name", NUMBERS)
def test_a_slip_of_the_keyboard_is_refused(name: str) -> None:
    kind = NUMBERS[name]
    assert refuses(kind, HUGE) and refuses(kind, -HUGE)
    assert refuses(kind, math.inf) and refuses(kind, math.nan)
    assert (name.rpartition(".")[2] in SIGNED) != refuses(kind, -1)


@pytest.mark.parametrize("value", [HUGE, math.inf, math.nan, -1])
def test_the_limit_is_told(value: float) -> None:
    given = params().model_dump()
    given["finetune"]["epochs"] = value
    with pytest.raises(ParamsError, match=r"finetune\.epochs: found .*; Input should be (less|greater|a finite)"):
        check_params(given, "params.yaml")
