"""Which tokens of a sample carry loss."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from components.training.labels import IGNORED, IMAGE, Encoded, Markup, Message, TooLong, encode
from tests.model.tiny import params, tokenizer

TOKENS = params().model.tokens
MARKUP = Markup(TOKENS.image.text, 36, TOKENS.turn_end.text, TOKENS.end.text)
# What decoding gives back as it was: Hangul syllables, ASCII, marks, other scripts; no "<" that could make a token.
TEXTS = st.text(
    st.one_of(
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
        st.sampled_from("ABCD 0123456789.,?![]'()\n·한국어"),
        st.sampled_from("漢字ñ😀"),
    ),
    min_size=1,
    max_size=24,
)
TURNS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4)


def conversation(turns: list[tuple[str, str]], images: int) -> list[Message]:
    talk: list[Message] = []
    for number, (question, answer) in enumerate(turns):
        marks = f"{IMAGE}\n" * images if number == 0 else ""
        talk += [{"role": "user", "content": marks + question}, {"role": "assistant", "content": answer}]
    return talk


def learnt(encoded: Encoded) -> str:
    return str(tokenizer().decode([label for label in encoded.labels if label != IGNORED]))


@settings(deadline=None)
@given(TURNS, st.integers(0, 2))
def test_chat_learns_exactly_the_answers_with_their_ends(turns: list[tuple[str, str]], images: int) -> None:
    encoded = encode(conversation(turns, images), "chat", tokenizer(), MARKUP, 4096)
    assert learnt(encoded) == "".join(f"{answer}<|im_end|><|endofturn|>" for _, answer in turns)
    assert all(label in (IGNORED, token) for token, label in zip(encoded.ids, encoded.labels, strict=True))
    assert encoded.ids.count(TOKENS.image.id) == 36 * images
    text = str(tokenizer().decode(encoded.ids))
    asked = [f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n" for question, _ in turns]
    assert all(question.replace("user\n", "", 1) in text or question in text for question in asked[1:])
    assert text.startswith("<|im_start|>user\n" + ("<|image|>" * 36 + "\n") * images + turns[0][0])


@settings(deadline=None)
@given(TURNS, st.integers(1, 2))
def test_plain_learns_exactly_the_first_caption_with_its_end(turns: list[tuple[str, str]], images: int) -> None:
    encoded = encode(conversation(turns, images), "plain", tokenizer(), MARKUP, 4096)
    caption = f"{turns[0][1]}<|endofturn|>"
    assert learnt(encoded) == caption
    assert tokenizer().decode(encoded.ids) == "<|image|>" * 36 * images + caption


@settings(deadline=None)
@given(TURNS, st.integers(0, 2), st.integers(1, 160), st.sampled_from(("chat", "plain")))
def test_cutting_takes_text_from_the_end_and_never_image_tokens(
    turns: list[tuple[str, str]], images: int, longest: int, layout: str
) -> None:
    whole = encode(conversation(turns, images), layout, tokenizer(), MARKUP, 4096)  # type: ignore[arg-type]
    try:
        cut = encode(conversation(turns, images), layout, tokenizer(), MARKUP, longest)  # type: ignore[arg-type]
    except TooLong as error:
        left = whole.labels[:longest]
        assert TOKENS.image.id in whole.ids[longest:] or all(label == IGNORED for label in left)
        assert f"max_length = {longest}" in str(error)
        assert str(len(whole.ids)) in str(error)
        return
    assert cut == Encoded(whole.ids[:longest], whole.labels[:longest])
    assert cut.ids.count(TOKENS.image.id) == 36 * images
    assert any(label != IGNORED for label in cut.labels)


def test_images_alone_can_be_too_long(words: PreTrainedTokenizerFast, markup: Markup) -> None:
    with pytest.raises(TooLong, match="max_length = 30"):
        encode(conversation([("무엇?", "사과")], 1), "plain", words, markup, 30)


def test_prompt_is_tokenised_as_when_serving(words: PreTrainedTokenizerFast, markup: Markup) -> None:
    encoded = encode(conversation([("무엇인가요?", "사과")], 1), "chat", words, markup, 320)
    first = next(i for i, label in enumerate(encoded.labels) if label != IGNORED)
    prompt = f"<|im_start|>user\n{'<|image|>' * 36}\n무엇인가요?<|im_end|>\n<|im_start|>assistant\n"
    assert encoded.ids[:first] == words.encode(prompt, add_special_tokens=False)


def test_system_turn_is_read_and_not_learnt(words: PreTrainedTokenizerFast, markup: Markup) -> None:
    talk: list[Message] = [{"role": "system", "content": "짧게 답하세요."}, *conversation([("무엇?", "사과")], 0)]
    encoded = encode(talk, "chat", words, markup, 320)
    assert str(words.decode(encoded.ids)).startswith("<|im_start|>system\n짧게 답하세요.<|im_end|>\n<|im_start|>user\n")
    assert learnt(encoded) == "사과<|im_end|><|endofturn|>"
