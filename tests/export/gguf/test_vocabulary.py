"""The vocabulary in the file against the tokenizer, and the chat template that llama.cpp's programs read."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import gguf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from components.bundles.llama_cpp.names import language_model_name
from components.export.gguf.language_model import write_language_model
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.gguf.tokenizer_check import tokenizer_differences
from components.export.gguf.vocabulary import chat_template, read_vocabulary
from components.scenes.sampling import SAMPLERS, sample_scene
from tests.export.conftest import Pair

KOREAN = [
    "안녕하세요, 2,026년 11월 25일입니다.",
    "값은 ₩12,345.67(약 9.8달러)이고,  두 칸 띄었다.\n\n새 문단\t탭",
    "ㅋㅋㅋ 뭐라구요?! 'don't' I'LL 가나다ABC123라마바 漢字 かな 🙂👍🏽 e\u0301 각",
    "<|im_start|>user\n<|image|>\n무엇이 보이나요?<|im_end|>\n<|im_start|>assistant\n",
    "   앞뒤 공백   ",
    "",
]


@pytest.fixture(scope="module")
def path(gguf_folder: Path) -> Path:
    """A language model's file."""
    return gguf_folder / language_model_name("BF16")


@pytest.fixture(scope="module")
def loaded(path: Path) -> Any:
    """Its vocabulary in llama.cpp."""
    pytest.importorskip("llama_cpp")
    from components.bundles.llama_cpp.language_model import LoadedModel

    return LoadedModel(path, vocabulary_only=True)


def demo_texts(count: int) -> list[str]:
    """What the demo's model is asked and answers, about all kinds of pictures."""
    rng = random.Random(5)
    scenes = [sample_scene(rng, kind, "train") for kind in SAMPLERS for _ in range(count)]
    return [text for scene in scenes for turn in scene.turns(rng) for text in (turn.question, turn.answer)]


def test_llama_cpp_reads_korean_as_the_tokenizer_does(without_cls: Pair, path: Path) -> None:
    pytest.importorskip("llama_cpp")
    texts = [*KOREAN, *demo_texts(60)]
    assert sum(map(len, texts)) > 20_000
    assert [str(found) for found in tokenizer_differences(path, without_cls[1].tokenizer, texts)] == []


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(min_codepoint=1, max_codepoint=0xD7A3, exclude_categories=["Cs", "Cn"]), max_size=60))
def test_llama_cpp_reads_any_text_as_the_tokenizer_does(without_cls: Pair, loaded: Any, text: str) -> None:
    assert loaded.vocabulary.ids(text) == without_cls[1].tokenizer.encode(text, add_special_tokens=False)


def test_wrong_merges_are_found(without_cls: Pair, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    vocabulary = read_vocabulary(*without_cls)
    object.__setattr__(vocabulary, "merges", vocabulary.merges[::-1])
    write_language_model(tmp_path / "x.gguf", without_cls[0], vocabulary, "F16")
    found = tokenizer_differences(tmp_path / "x.gguf", without_cls[1].tokenizer, KOREAN, most=2)
    assert len(found) == 2
    assert found[0].text == KOREAN[0]
    assert found[0].expected != found[0].found
    assert "at token" in str(found[0])


def test_special_and_unused_rows_are_marked(without_cls: Pair) -> None:
    vocabulary = read_vocabulary(*without_cls)
    tokenizer = without_cls[1].tokenizer
    assert len(vocabulary.tokens) == len(vocabulary.types) == without_cls[0].config.text_config.vocab_size
    assert {vocabulary.types[token] for token in tokenizer.all_special_ids} == {gguf.TokenType.CONTROL}
    assert set(vocabulary.types[len(tokenizer) :]) == {gguf.TokenType.UNUSED}
    assert len(set(vocabulary.tokens)) == len(vocabulary.tokens)
    assert (vocabulary.pre, vocabulary.bos, vocabulary.eos, vocabulary.eot, vocabulary.pad) == ("dbrx", 0, 3, 2, 0)


def test_answers_end_where_the_models_do(without_cls: Pair, loaded: Any) -> None:
    assert all(loaded.vocabulary.ends(token) for token in without_cls[0].generation_config.eos_token_id)
    assert not loaded.vocabulary.ends(without_cls[0].config.image_token_index)
    assert not loaded.vocabulary.ends(300)


def test_other_tokenizers_are_refused(without_cls: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    model, processor = without_cls
    # As the demo's: whole characters, and bytes for those that it does not know.
    other = Tokenizer(models.BPE(byte_fallback=True))
    other.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    monkeypatch.setattr(processor, "tokenizer", PreTrainedTokenizerFast(tokenizer_object=other))
    with pytest.raises(NotForLlamaCpp, match=r"ByteFallback\+Fuse: as GGUF, only byte-level BPE"):
        read_vocabulary(model, processor)


def test_template_puts_pictures_as_the_models_does(without_cls: Pair) -> None:
    processor = without_cls[1]
    template = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(chat_template(processor))
    question = {"type": "text", "text": "무엇이 보이나요?"}
    asked = [{"role": "user", "content": [{"type": "image"}, question]}]
    # As llama-server hands it over: tools/server, common/chat.cpp.
    handed = [{"role": "user", "content": [{"type": "media_marker", "text": "<__media__>"}, question]}]
    expected = processor.apply_chat_template(asked, add_generation_prompt=True)
    found = template.render(messages=handed, add_generation_prompt=True)
    assert found.replace("<__media__>", processor.image_token) == expected
    # Some versions put the mark among the words instead, newer ones with letters drawn at random.
    for mark in ("<__media__>", "<__media_mQPuEooN8JAJm9__>"):
        handed = [{"role": "user", "content": f"{mark}{question['text']}"}]
        found = template.render(messages=handed, add_generation_prompt=True)
        assert found.replace(mark, processor.image_token) == expected


def test_template_leaves_words_alone(without_cls: Pair) -> None:
    template = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).from_string(
        chat_template(without_cls[1])
    )
    asked = [{"role": "user", "content": "a __> b <__ c"}]
    assert "a __> b <__ c" in template.render(messages=asked, add_generation_prompt=True)


def test_another_template_is_refused(without_cls: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(without_cls[1], "chat_template", "{{ messages }}")
    with pytest.raises(NotForLlamaCpp, match="chat template must hold"):
        chat_template(without_cls[1])
