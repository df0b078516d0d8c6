"""Which model answers at an address, as far as a server says and shows it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from components.bundles.endpoint import Endpoint, EndpointError
from components.bundles.runtime import answer

_APART_S = 1.1
"""Between two looks at what a server says of a model: times are told in seconds."""
_TOKENS = 24
_QUESTIONS = (
    "대한민국의 수도는 어디인가요?",
    "1부터 9까지 세어 보세요.",
    "봄을 두 문장으로 설명해 주세요.",
)
_ABOUT_THE_PICTURE = "그림에 무엇이 보이나요?"


@dataclass(frozen=True)
class Served:
    """What could be found out of a model behind an address."""

    said: dict[str, Any]
    """Its entry in ``/v1/models``, without what changes from one look to the next.

    What is left differs. vLLM and SGLang stamp ``created`` with the time of asking, and permissions with a number at
    random (vllm/entrypoints/openai/protocol.py, ``ModelCard``); ``root`` and ``max_model_len`` stay, but two
    fine-tuned models in one folder have the same. llama-server stamps the time of asking, too, and tells sizes in
    ``meta`` (tools/server). OpenAI's and Ollama's ``created`` is the model's own; LiteLLM's is one number for all.
    So none of it proves that weights are the same. ``digest`` does, which our own server tells of a bundle's files.
    """
    answers: tuple[str, ...]
    """To a few fixed questions, decoded greedily: another model answers otherwise, most probably."""

    @property
    def digest(self) -> str:
        """Of the model's files; "" where the server does not tell it, as most do not."""
        found = self.said.get("digest")
        return found if isinstance(found, str) else ""


def look_at(endpoint: Endpoint) -> Served:
    """Look twice at what the server says, and ask the fixed questions in between.

    Raises:
        EndpointError: if it cannot be reached, or refuses.
    """
    first, started = endpoint.entry(), time.monotonic()
    answers = [answer(endpoint, question, None, _TOKENS) for question in _QUESTIONS]
    answers.append(_about_a_picture(endpoint))
    time.sleep(max(0.0, started + _APART_S - time.monotonic()))
    second = endpoint.entry()
    return Served({key: first[key] for key in sorted(first) if second.get(key) == first[key]}, tuple(answers))


def _about_a_picture(endpoint: Endpoint) -> str:
    """Whether a model sees can matter less than that it is the same one: one that takes no picture is no error here."""
    picture = Image.new("RGB", (96, 96), "white")
    ImageDraw.Draw(picture).ellipse((24, 16, 72, 64), fill="red")
    try:
        return answer(endpoint, _ABOUT_THE_PICTURE, picture, _TOKENS)
    except EndpointError:
        return ""
