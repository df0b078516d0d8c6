"""A model behind an OpenAI-compatible endpoint, talked to as if it were a bundle: ours, llama-server, vLLM, hosted."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import openai
from PIL import Image, ImageOps

from components.bundles.conversation import Ending, Stream, Turn
from components.bundles.openai_client import NOT_FROM_THE_ENVIRONMENT, open_client
from components.stages.errors import UserError
from components.stages.keys import hide, is_key


class EndpointError(UserError):
    """An endpoint cannot be reached or refuses; the message names its address."""


class Endpoint:
    """One model of an endpoint (components.bundles.runtime.Runtime)."""

    def __init__(self, base_url: str, model: str = "", key: str = "", timeout_s: float = 300) -> None:
        """Find the model.

        Args:
            base_url: such as ``http://127.0.0.1:8000/v1``.
            model: "": the first that the endpoint lists.
            key: "": the endpoint asks for none.
            timeout_s: for each request, in seconds without a sign of life.

        Raises:
            EndpointError: if the key cannot be sent, or is refused, or there is no endpoint, or no model.
        """
        if key and not is_key(key):
            raise EndpointError(f"{base_url}: the key has spaces or characters that are not ASCII: copy it again")
        self._base_url, self._key = base_url, key
        self._client = open_client(base_url, key, timeout_s)
        self.model = model or self._first_model()

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        """The answer to a conversation, piece by piece, decoded greedily where the endpoint can do so.

        Raises:
            EndpointError: with what the endpoint says.
        """
        ending = Ending(0, 0, is_cut=False)
        try:
            with self._ask(turns, picture, max_new_tokens) as chunks:
                for chunk in chunks:
                    for choice in chunk.choices:
                        if choice.delta.content:
                            yield choice.delta.content
                    ending = _ended(ending, chunk)
        except openai.OpenAIError as error:
            raise self._failed(error) from None  # the library's own error repeats what the server said
        return ending

    def _ask(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Any:
        return self._client.chat.completions.create(
            model=self.model,
            messages=_messages(turns, picture),
            max_tokens=max_new_tokens,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=NOT_FROM_THE_ENVIRONMENT,
        )

    def models(self) -> list[str]:
        """What the endpoint has.

        Raises:
            EndpointError: if it cannot be reached, or refuses the key.
        """
        return [entry["id"] for entry in self._listed()]

    def entry(self) -> dict[str, Any]:
        """What the endpoint says of this model; empty if it does not list it.

        Raises:
            EndpointError: if it cannot be reached, or refuses the key.
        """
        return next((entry for entry in self._listed() if entry["id"] == self.model), {})

    def _listed(self) -> list[dict[str, Any]]:
        try:
            found = self._client.models.list(extra_headers=NOT_FROM_THE_ENVIRONMENT).data
            return [model.model_dump(mode="json") for model in found]
        except openai.OpenAIError as error:
            raise self._failed(error) from None  # the library's own error repeats what the server said

    def _first_model(self) -> str:
        found = self.models()
        if not found:
            raise EndpointError(f"{self._base_url} lists no model")
        return found[0]

    def _failed(self, error: openai.OpenAIError) -> EndpointError:
        """What the server or the library says, without the key, which some servers repeat."""
        return EndpointError(f"{self._base_url}: {hide(error, self._key)}")


def as_data_url(picture: Image.Image) -> str:
    """A picture of any mode as PNG in a ``data:`` URL, upright."""
    upright = ImageOps.exif_transpose(picture)
    content = io.BytesIO()
    upright.convert("RGBA" if upright.has_transparency_data else "RGB").save(content, "PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


def _messages(turns: Sequence[Turn], picture: Image.Image | None) -> list[Any]:
    """The picture stands before the user's first words."""
    messages: list[dict[str, Any]] = [{"role": turn.role, "content": turn.text} for turn in turns]
    if picture is not None:
        first = next(message for message in messages if message["role"] == "user")
        shown = {"type": "image_url", "image_url": {"url": as_data_url(picture)}}
        first["content"] = [shown, {"type": "text", "text": first["content"]}]
    return messages


def _ended(ending: Ending, chunk: Any) -> Ending:
    """What a chunk adds to what is known of the end: its reason, or counts."""
    is_cut = ending.is_cut or any(choice.finish_reason == "length" for choice in chunk.choices)
    if chunk.usage is None:
        return Ending(ending.prompt_tokens, ending.answer_tokens, is_cut)
    return Ending(chunk.usage.prompt_tokens, chunk.usage.completion_tokens, is_cut)
