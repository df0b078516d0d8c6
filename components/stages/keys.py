"""Keys of services: read from the environment, checked, and never shown."""

from __future__ import annotations

import html
import json
import os
import re
import urllib.parse

from components.stages.errors import UserError

_KEY = re.compile(r"[!-~]+")
_HIDDEN = "***"
_SHOWN_AT_MOST = 8
"""Characters of a key that may stand at the end of a text that was cut: too few to be of use to anybody."""


class BadKey(UserError):
    """An environment variable holds what can be nobody's key."""


def read_key(variable: str) -> str:
    """The key in an environment variable; "" where there is none.

    Raises:
        BadKey: if it cannot be sent, since clients would quote it in their errors.
    """
    key = os.environ.get(variable, "").strip()
    if key and not is_key(key):
        raise BadKey(
            f"the environment variable {variable} holds no key: it has spaces or characters that are not ASCII, as "
            "when quotes or words are copied with it"
        )
    return key


def is_key(text: str) -> bool:
    """Whether it can be sent as a header: visible ASCII alone."""
    return _KEY.fullmatch(text) is not None


def hide(said: object, *keys: str | None) -> str:
    """What a server or a library said, without keys, in whatever way they are written; whole, or cut at the end."""
    text = str(said)
    for form in sorted({form for key in keys if key for form in _forms(key)}, key=len, reverse=True):
        text = text.replace(form, _HIDDEN)
        cut = next((n for n in range(len(form) - 1, _SHOWN_AT_MOST, -1) if text.endswith(form[:n])), 0)
        text = text[: len(text) - cut] + _HIDDEN * bool(cut)
    return text


def _forms(key: str) -> set[str]:
    """As it is, and as it stands in JSON, HTML, addresses and Python's own quotes."""
    quoted, address = json.dumps(key)[1:-1], urllib.parse.quote(key, safe="")
    return {key, quoted, quoted.replace("/", "\\/"), address, html.escape(key), repr(key)[1:-1]}
