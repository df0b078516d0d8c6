"""Damage of every kind to rows and to files, for property tests."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_NASTY: tuple[Any, ...] = (
    10**400, -(10**400), 1e308, -1e-308, float("nan"), float("inf"), "half \ud800", "\x00", "", [], {}, [[]], None,
)  # fmt: skip
"""What arithmetic and storing stumble over."""
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["가\udfff", "../a.jpg", "a.jpg", "사과", " ", "###", "<image>", 0, -1])
)


def anything() -> st.SearchStrategy[Any]:
    """Any value that JSON can hold."""
    return st.recursive(
        _LEAVES,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "text"]), inner, max_size=3)
        ),
        max_leaves=5,
    )


@st.composite
def damaged(draw: st.DrawFn, row: Any) -> Any:
    """The row with some of its values, however deep, replaced, taken out, or put elsewhere; or something else."""
    if draw(st.integers(0, 19)) == 0:
        return draw(anything())
    whole = [copy.deepcopy(row)]
    keys = sorted({key for _, key in _places(whole) if isinstance(key, str)})
    for _ in range(draw(st.integers(0, 3))):
        container, key = draw(st.sampled_from(list(_places(whole))))
        kind = draw(st.sampled_from(["nasty", "other", "delete", "add"]))
        if kind == "nasty":
            container[key] = copy.deepcopy(draw(st.sampled_from(_NASTY)))
        elif kind == "other" or container is whole:
            container[key] = draw(anything())
        elif kind == "delete":
            del container[key]
        elif isinstance(container, dict):
            container[draw(st.sampled_from(keys))] = draw(anything())
        else:
            container.insert(key, draw(anything()))
    return whole[0]


@st.composite
def damaged_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """The file with pieces cut out, put in, or overwritten; or cut short."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)) | st.just(len(data)))
        data = (
            data[:start]
            + draw(st.binary(max_size=8) | st.sampled_from([b'"', b"[", b"}", b"\xb0\xa1", b"\x00"]))
            + data[end:]
        )
    return data


def _places(container: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in it, by the list or object that it lies in and its key there."""
    for key, value in list(container.items() if isinstance(container, dict) else enumerate(container)):
        yield container, key
        if isinstance(value, dict | list):
            yield from _places(value)
