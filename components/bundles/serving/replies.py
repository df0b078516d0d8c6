"""Answers in the form of OpenAI's chat completions, whole and in pieces."""

from __future__ import annotations

import time
import uuid
from typing import Literal

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.chat.chat_completion_chunk import Choice as ChunkChoice
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from components.bundles.conversation import Ending

DONE = "data: [DONE]\n\n"


class Replies:
    """Of one answer."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._id, self._created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())

    def whole(self, text: str, ending: Ending) -> ChatCompletion:
        """The answer in one."""
        message = ChatCompletionMessage(role="assistant", content=text)
        choice = Choice(index=0, message=message, finish_reason=_reason(ending))
        return ChatCompletion(
            id=self._id,
            created=self._created,
            model=self._model,
            object="chat.completion",
            choices=[choice],
            usage=_usage(ending),
        )

    def begin(self) -> str:
        """The event before the first piece."""
        return self._event(ChoiceDelta(role="assistant", content=""))

    def piece(self, text: str) -> str:
        """The event of a piece."""
        return self._event(ChoiceDelta(content=text))

    def end(self, ending: Ending) -> str:
        """The event after the last piece."""
        return self._event(ChoiceDelta(), _reason(ending))

    def usage(self, ending: Ending) -> str:
        """The event that counts tokens, for whoever asked for it."""
        return _as_event(self._chunk([], _usage(ending)))

    def _event(self, delta: ChoiceDelta, reason: Literal["stop", "length"] | None = None) -> str:
        return _as_event(self._chunk([ChunkChoice(index=0, delta=delta, finish_reason=reason)]))

    def _chunk(self, choices: list[ChunkChoice], usage: CompletionUsage | None = None) -> ChatCompletionChunk:
        return ChatCompletionChunk(
            id=self._id,
            created=self._created,
            model=self._model,
            object="chat.completion.chunk",
            choices=choices,
            usage=usage,
        )


def _as_event(chunk: ChatCompletionChunk) -> str:
    return f"data: {chunk.model_dump_json(exclude_unset=True)}\n\n"


def _reason(ending: Ending) -> Literal["stop", "length"]:
    return "length" if ending.is_cut else "stop"


def _usage(ending: Ending) -> CompletionUsage:
    return CompletionUsage(
        prompt_tokens=ending.prompt_tokens,
        completion_tokens=ending.answer_tokens,
        total_tokens=ending.prompt_tokens + ending.answer_tokens,
    )
