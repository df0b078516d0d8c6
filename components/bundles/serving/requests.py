"""What is read of a request for a chat completion (https://platform.openai.com/docs/api-reference/chat/create)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from components.bundles.conversation import Turn
from components.bundles.serving.errors import BadRequest
from components.korean.text import nfc

_OTHER_ANSWERS = ("functions", "logprobs", "n", "response_format", "stop", "tools")
"""Fields that ask for another answer than one text to its own end. Without effect are those that ask how to sample:
decoding is greedy."""
_NEUTRAL: tuple[object, ...] = (None, False, 1, [], {"type": "text"})
"""Values by which those fields ask for nothing."""


class TextPart(BaseModel):
    """Words."""

    type: Literal["text"]
    text: str


class ImageUrl(BaseModel):
    """Where a picture is: ``data:image/...;base64,...``, or an address."""

    url: str


class ImagePart(BaseModel):
    """A picture."""

    type: Literal["image_url"]
    image_url: ImageUrl


def _as_parts(content: object) -> object:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class Message(BaseModel):
    """What was said by whom."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Annotated[list[Part], BeforeValidator(_as_parts)]

    @property
    def text(self) -> str:
        """Its words, NFC; parts are lines."""
        return nfc("\n".join(part.text for part in self.content if isinstance(part, TextPart)))

    @property
    def pictures(self) -> list[str]:
        """Their addresses."""
        return [part.image_url.url for part in self.content if isinstance(part, ImagePart)]


class StreamOptions(BaseModel):
    """What comes with an answer in pieces."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """A conversation that is to be answered."""

    model_config = ConfigDict(extra="allow")

    model: str
    messages: Annotated[list[Message], Field(min_length=1)]
    max_tokens: Annotated[int | None, Field(ge=1)] = None
    max_completion_tokens: Annotated[int | None, Field(ge=1)] = None
    stream: bool = False
    stream_options: StreamOptions | None = None

    @property
    def limit(self) -> int | None:
        """The most tokens that the answer may have, by the field's newer or older name."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def wants_usage(self) -> bool:
        """Whether tokens are to be counted at the end of a stream."""
        return self.stream_options is not None and self.stream_options.include_usage

    def turns(self) -> list[Turn]:
        """The conversation.

        Raises:
            BadRequest: if it does not end with the user, or another answer than one text is asked for.
        """
        asked: dict[str, Any] = self.model_extra or {}
        if field := next((name for name in _OTHER_ANSWERS if asked.get(name) not in _NEUTRAL), None):
            raise BadRequest(f"{field}: one text to its own end is all that can be asked for here: leave it out", field)
        if self.messages[-1].role != "user":
            raise BadRequest(f"messages: the last must be the user's, not the {self.messages[-1].role}'s", "messages")
        return [Turn("system" if one.role == "developer" else one.role, one.text) for one in self.messages]

    def picture(self) -> str | None:
        """Where the picture is that the conversation is about; None: it is about none.

        Raises:
            BadRequest: if there are several, or it does not come with the user's first words, as in training.
        """
        first = next(place for place, message in enumerate(self.messages) if message.role == "user")
        shown = [(place, address) for place, message in enumerate(self.messages) for address in message.pictures]
        if len(shown) > 1:
            raise BadRequest(f"messages: one picture a conversation, not {len(shown)}; begin a new one", "messages")
        if shown and shown[0][0] != first:
            raise BadRequest(
                "messages: the picture must come with the user's first message; begin a new one", "messages"
            )
        return shown[0][1] if shown else None
