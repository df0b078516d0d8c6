"""What a request is answered that cannot be served, in the form that OpenAI's clients read."""

from __future__ import annotations

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


class BadRequest(ValueError):
    """A request that asks for what cannot be done; the message says what can be."""

    def __init__(self, message: str, field: str, status: int = 400) -> None:
        super().__init__(message)
        self.field, self.status = field, status


def described(message: str, field: str | None = None, kind: str = "invalid_request_error") -> dict[str, object]:
    """The body of an error."""
    return {"error": {"message": message, "type": kind, "param": field, "code": None}}


async def refuse(_: Request, error: Exception) -> JSONResponse:
    """Answer a BadRequest."""
    assert isinstance(error, BadRequest)
    return JSONResponse(described(str(error), error.field), error.status)


async def refuse_malformed(_: Request, error: Exception) -> JSONResponse:
    """Answer a request that is not of the protocol's form, naming the first field."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return JSONResponse(described(f"the body is no JSON: {first['ctx']['error']}"), 400)
    field = ".".join(str(part) for part in first["loc"] if part != "body")
    return JSONResponse(described(f"{field or 'the body'}: {first['msg']}", field or None), 400)
