"""The folder of whoever runs a command, in which libraries keep tokens, settings and downloads."""

from __future__ import annotations

import tempfile
from pathlib import Path

from components.stages.errors import UserError


class NoHome(UserError):
    """Nothing can be written there; Ray and DVC would end with a trace of their own."""


def require_home() -> None:
    """Write something into HOME, and take it away again.

    Raises:
        NoHome: naming the folder, and what to set.
    """
    try:
        home = Path.home()
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return
    except (OSError, RuntimeError) as error:  # RuntimeError: this user has no home at all
        reason = error.strerror if isinstance(error, OSError) else str(error)
    raise NoHome(
        f"HOME cannot be used ({reason}): set it to a folder that you may write to, such as `HOME=/tmp/home`; Ray "
        "keeps its token there, DVC its settings, the hub its downloads"
    )
