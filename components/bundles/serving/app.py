"""The endpoint: ``/v1/chat/completions``, ``/v1/models`` and ``/health``."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from openai.types import Model

from components.bundles.conversation import Ending
from components.bundles.runtime import Runtime
from components.bundles.serving.desk import Desk, Pieces
from components.bundles.serving.errors import BadRequest, described, refuse, refuse_malformed
from components.bundles.serving.pictures import read_picture
from components.bundles.serving.replies import DONE, Replies
from components.bundles.serving.requests import ChatRequest

_OWNER = "small-korean-vlm"

_log = logging.getLogger(__name__)


def make_app(runtime: Runtime, name: str, created: int, max_new_tokens: int, digest: str = "") -> FastAPI:
    """The endpoint before a loaded bundle, which answers one request after the other.

    Args:
        name: by which requests call the model.
        created: when the bundle was, in seconds since 1970.
        max_new_tokens: for requests that name no limit.
        digest: of the bundle's files, by which who asks knows that it is still the same one; "": not told.
    """
    app = FastAPI(title=name, exception_handlers={BadRequest: refuse, RequestValidationError: refuse_malformed})
    desk = Desk(runtime)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        model = Model(id=name, created=created, object="model", owned_by=_OWNER)
        return {"object": "list", "data": [model.model_dump() | ({"digest": digest} if digest else {})]}

    @app.post("/v1/chat/completions", response_model=None)
    async def complete(request: ChatRequest) -> Response:
        if request.model != name:
            raise BadRequest(f"model: {request.model!r} is not here; {name!r} is", "model", 404)
        turns, address = request.turns(), request.picture()
        picture = await run_in_threadpool(read_picture, address) if address else None
        pieces, replies = desk.answer(turns, picture, request.limit or max_new_tokens), Replies(name)
        if request.stream:
            return StreamingResponse(_events(pieces, replies, request.wants_usage), media_type="text/event-stream")
        return await _whole(pieces, replies)

    return app


async def _whole(pieces: Pieces, replies: Replies) -> Response:
    told: list[str] = []
    ending = Ending(0, 0, is_cut=False)
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Ending):
                    ending = piece
                else:
                    told.append(piece)
    except Exception as error:  # a runtime raises what it likes
        return JSONResponse(_failure(error), 500)
    return JSONResponse(replies.whole("".join(told).strip(), ending).model_dump(exclude_unset=True))


async def _events(pieces: Pieces, replies: Replies, wants_usage: bool) -> AsyncGenerator[str, None]:
    yield replies.begin()
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, str):
                    yield replies.piece(piece)
                else:
                    yield replies.end(piece)
                    if wants_usage:
                        yield replies.usage(piece)
    except Exception as error:  # too late for a status
        yield f"data: {json.dumps(_failure(error), ensure_ascii=False)}\n\n"
    yield DONE


def _failure(error: Exception) -> dict[str, object]:
    _log.error("an answer failed", exc_info=error)
    return described(f"the answer failed: {error}", kind="server_error")
