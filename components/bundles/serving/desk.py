"""One loaded bundle for many who ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from fastapi.concurrency import iterate_in_threadpool
from PIL import Image

from components.bundles.conversation import Ending, Heard, Turn
from components.bundles.runtime import Runtime

Pieces = AsyncGenerator[str | Ending, None]
"""An answer's pieces, and last how it ended."""


class Desk:
    """Lets one answer at a time through to the runtime, in the order in which they were asked for."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._lock = runtime, asyncio.Lock()

    async def answer(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Pieces:
        """The answer to a conversation. Closing it, or cancelling who reads it, ends the decoding."""
        async with self._lock:
            heard = Heard(self._runtime.stream(turns, picture, max_new_tokens))
            try:
                async for piece in iterate_in_threadpool(iter(heard)):
                    yield piece
                if heard.ending is not None:
                    yield heard.ending
            finally:
                heard.close()
