"""The errors that users can mend. A stage ends with their message alone; every other error shows where it came from."""

from __future__ import annotations


class UserError(Exception):
    """Something that whoever started the command can mend: the message names it, and says what to do.

    All such errors derive from this class, and ``components.stages.command`` alone turns them into a line.
    """


class Missing(UserError):
    """What an earlier stage writes is not there; the message names the command that makes it."""


class Unusable(UserError):
    """What an earlier stage wrote, or a user gave, is not what is needed; the message says what to do."""
