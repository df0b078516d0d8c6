"""A conversation about at most one picture: the prompt that it makes by a bundle's chat template, and its answer."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATE = "chat_template.jinja"


@dataclass(frozen=True)
class Turn:
    """What was said by whom."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Ending:
    """What is known when an answer has ended."""

    prompt_tokens: int
    """With those that stand for the picture."""
    answer_tokens: int
    is_cut: bool
    """Whether it reached the most tokens that were asked for, rather than its own end."""


Stream = Generator[str, None, Ending]
"""An answer, piece by piece; returns how it ended. Closing it early ends the decoding."""


class Heard:
    """A stream to be iterated over, which keeps how it ended."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.ending: Ending | None = None
        """None: until the last piece was heard."""

    def __iter__(self) -> Iterator[str]:
        self.ending = yield from self._stream

    def close(self) -> None:
        """End the decoding, if it goes on."""
        self._stream.close()


def read_template(folder: Path) -> Template:
    """A bundle's chat template, read as transformers reads templates."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((folder / TEMPLATE).read_text(encoding="utf-8"))


def render(template: Template, turns: Sequence[Turn], picture: str) -> str:
    """The prompt, up to where the answer begins.

    Args:
        turns: the last is the user's.
        picture: what stands for the picture, before the first words of the user; "": there is none.
    """
    first = next(place for place, turn in enumerate(turns) if turn.role == "user")
    messages = [
        {"role": turn.role, "content": picture + turn.text if place == first else turn.text}
        for place, turn in enumerate(turns)
    ]
    return template.render(messages=messages, add_generation_prompt=True)
