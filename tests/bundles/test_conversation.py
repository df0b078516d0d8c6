"""Prompts by a bundle's template against those of transformers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.exceptions import SecurityError

from components.bundles.conversation import TEMPLATE, Turn, read_template, render
from components.bundles.openvino import names
from tests.export.conftest import Pair

TURNS = [Turn("system", "짧게 답해요."), Turn("user", "무엇인가요?"), Turn("assistant", "별"), Turn("user", "색은?")]


def transformers_prompt(pair: Pair, turns: list[Turn], pictured: bool) -> str:
    """As the model was trained: the picture is part of the user's first turn."""
    _, processor = pair
    first = next(place for place, turn in enumerate(turns) if turn.role == "user")
    talk = [
        {
            "role": turn.role,
            "content": [
                *([{"type": "image"}] if pictured and place == first else []),
                {"type": "text", "text": turn.text},
            ],
        }
        for place, turn in enumerate(turns)
    ]
    prompt: str = processor.apply_chat_template(talk, add_generation_prompt=True)
    return prompt.replace(processor.image_token, names.IMAGE_TOKEN)


@pytest.mark.parametrize("turns", [TURNS[1:2], TURNS[1:], TURNS])
@pytest.mark.parametrize("pictured", [True, False])
def test_prompt_is_the_one_of_transformers(pair: Pair, bundle_folder: Path, turns: list[Turn], pictured: bool) -> None:
    # OpenVINO GenAI itself sets the line break that the template sets behind a picture's token.
    told = render(read_template(bundle_folder), turns, f"{names.IMAGE_TOKEN}\n" if pictured else "")
    assert told == transformers_prompt(pair, turns, pictured)


def test_picture_stands_before_the_first_words_of_the_user(bundle_folder: Path) -> None:
    told = render(read_template(bundle_folder), TURNS, "[그림]")
    assert told.count("[그림]") == 1
    assert "[그림]무엇인가요?" in told


@given(st.text())
def test_any_text_stays_what_it_is(bundle_folder: Path, text: str) -> None:
    told = render(read_template(bundle_folder), [Turn("user", text)], "")
    assert told == f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"


def test_template_cannot_reach_out(tmp_path: Path) -> None:
    (tmp_path / TEMPLATE).write_text("{{ messages.__class__.__mro__[1].__subclasses__() }}", encoding="utf-8")
    with pytest.raises(SecurityError):
        render(read_template(tmp_path), [Turn("user", "가")], "")


def test_conversation_without_a_user_is_refused(bundle_folder: Path) -> None:
    with pytest.raises(StopIteration):
        render(read_template(bundle_folder), [Turn("system", "가")], "")
