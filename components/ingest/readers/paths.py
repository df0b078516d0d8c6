"""JMESPath expressions that params.yaml declares."""

from __future__ import annotations

from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from components.ingest.records import BadRow, SourceError


class RowPath:
    """An expression that finds a value in a row.

    Raises:
        SourceError: naming the field of params.yaml, if it is none.
    """

    def __init__(self, field: str, expression: str) -> None:
        self.expression, self._field = expression, field
        try:
            self._compiled = jmespath.compile(expression)
        except JMESPathError as error:
            why = " ".join(str(error).split())
            raise SourceError(f"{field} in params.yaml: `{expression}` is no JMESPath expression: {why}") from None

    def search(self, value: Any) -> Any:
        """What it finds, None if nothing.

        Raises:
            BadRow: if one of its functions cannot be applied.
        """
        try:
            return self._compiled.search(value)
        except Exception as error:  # its functions raise many kinds on values that they do not expect
            raise BadRow(f"{self} cannot be applied: {type(error).__name__}") from None

    def __str__(self) -> str:
        return f"{self._field} `{self.expression}`"
