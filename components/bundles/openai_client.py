"""OpenAI's client for any server that speaks its protocol; what it would send of the environment stays out."""

from __future__ import annotations

import logging

import openai

NOT_FROM_THE_ENVIRONMENT = {"OpenAI-Organization": openai.omit, "OpenAI-Project": openai.omit}
"""Headers to send with each request."""
_NO_KEY = "none"  # the library insists on one; servers that need none do not look at it


def open_client(base_url: str, key: str | None, timeout_s: float) -> openai.OpenAI:
    """A client that logs warnings alone.

    Args:
        base_url: such as ``http://127.0.0.1:8000/v1``.
        key: empty or None: none is needed.
        timeout_s: longest wait for a sign of life in seconds.
    """
    # The library says each request and each wait, which would drown a program's own lines.
    for name in ("httpx2", "openai"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return openai.OpenAI(base_url=base_url, api_key=key or _NO_KEY, timeout=timeout_s)
