"""Why data cannot be used."""

from __future__ import annotations

from components.stages.errors import UserError


class SourceError(UserError):
    """A data set as a whole cannot be used; the message says what to change."""


class BadRow(ValueError):
    """A row that does not have its layout; the text is the reason. What follows its colon is particular to the row."""
