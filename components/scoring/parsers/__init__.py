"""What an answer says: a letter, a box or a text. Deterministic; what cannot be read is None, never a guess."""

from __future__ import annotations

PARSER_VERSION = "2"
"""Changes with any rule of this package: scores of different versions are not set against each other."""
