"""What users are told of a model that cannot be put together or read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from components.model.connector import WrongConnector
from components.stages.errors import UserError


class UnfitConnector(WrongConnector, UserError):
    """A WrongConnector, told to users. That class itself is saved beside weights, for where this project is not."""


@contextmanager
def told_to_users() -> Iterator[None]:
    """Raise UnfitConnector where the block raises WrongConnector."""
    try:
        yield
    except WrongConnector as error:
        raise UnfitConnector(str(error)) from None
