"""OpenVINO's tokenizer and detokenizer against those of transformers, id by id."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_tokenizers  # noqa: F401 (its operations become known to OpenVINO)
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from components.bundles.openvino import names
from components.export.openvino.tokenizer import write_tokenizer
from components.prompts.choice import k_mmbench
from components.scenes.instructions import all_instructions
from components.scenes.sampling import sample_scene
from tests.export.conftest import Pair

# Of tiktoken's cl100k, which llama.cpp calls dbrx and HyperCLOVA X uses.
_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_SPECIAL = ["<|im_start|>", "<|im_end|>", "<|stop|>", "<|endofturn|>", names.IMAGE_TOKEN]
ODD = [
    "대한민국의 수도는 서울입니다.",
    unicodedata.normalize("NFD", "대한민국의 수도는 서울입니다."),
    "ㄱㄴㄷ ㅏㅑㅓ ㅋㅋㅋ",
    "👩‍👩‍👧‍👦 🇰🇷 ☕️",
    "漢字와 한글, 일본어의 かな",
    "ｱｲｳ ﾊﾝ ﾡﾢ",
    " 앞뒤 ",
    "줄\n\n\n바꿈\r\n탭\t끝",
    "전각\u3000공백 줄바꿈 없는\u00a0공백 폭 없는\u200b공백",
    "가" * 500,
    "1234567890.12",
    "Don't I'll WE'VE don’t",
    "<|im_start|>user\n<image>\n무엇인가요?<|im_end|>\n<|im_start|>assistant\n",
    "<|endofturn|><|im_end|><|im_start|> <image><image>",
    "각\u0301 e\u0301 \ufeff",
    "\u0001\u007f\u0085",
    "\U0001f600" * 40,
]
SPLITTING = (
    *("빨간", "원", "빨간 원", "왼쪽 위", "위", "사과", "국어", "막대", "0.25", "7", "A", "가", "나다", "🙂", "-", "e"),
    *(" ", "  ", "\n", "\t", "\u3000", ", ", ".", ":", "'", "[", "]", "?", "<|im_start|>", "<|im_end|>"),
)
"""Names, their halves and what stands between: together they meet every step of the demo's pre-tokenizer."""
SPACES = ["가  나", "   ", "  \n", "가   ", "왼쪽  위", "그림을  보고 답해요."]


class Converted:
    """Tokenizer and detokenizer as files, and the tokenizer of transformers beside them."""

    def __init__(self, folder: Path) -> None:
        core = ov.Core()
        self._tokenizer = core.compile_model(folder / names.OV_TOKENIZER, "CPU")
        self._detokenizer = core.compile_model(folder / names.OV_DETOKENIZER, "CPU")
        self._theirs = AutoTokenizer.from_pretrained(folder)

    def ids(self, text: str) -> list[int]:
        """OpenVINO's."""
        return [int(one) for one in self._tokenizer([text])["input_ids"][0]]

    def text(self, ids: Sequence[int]) -> str:
        """OpenVINO's."""
        return str(self._detokenizer(np.array([ids], dtype=np.int64))[0].reshape(-1)[0])

    def their_ids(self, text: str) -> list[int]:
        """Those of transformers."""
        found: list[int] = self._theirs(text, add_special_tokens=False)["input_ids"]
        return found

    def their_text(self, ids: Sequence[int]) -> str:
        """That of transformers."""
        return str(self._theirs.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    @property
    def size(self) -> int:
        """Of the vocabulary."""
        return len(self._theirs)


@cache
def korean_texts() -> tuple[str, ...]:
    """Questions and answers of the demo, each once."""
    rng = random.Random(0)
    texts = [text for turn in all_instructions() for text in (turn.question, turn.answer)]
    for kind in ("board", "single", "digits", "bars", "table", "sign"):
        for _ in range(120):
            scene = sample_scene(rng, kind, "test")
            texts.append(scene.caption())
            texts += [text for turn in scene.turns(rng) for text in (turn.question, turn.answer)]
            texts += [k_mmbench(choice.question, choice.options(0)) for choice in scene.choices(rng)]
    return tuple(dict.fromkeys(texts))


class _Processor:
    """As much of a processor as is written."""

    image_token = names.IMAGE_TOKEN
    chat_template = "{{ messages }}"

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer


def byte_level() -> PreTrainedTokenizerFast:
    """A small tokenizer of HyperCLOVA X's kind."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=2000, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"])
    tokenizer.train_from_iterator([*korean_texts(), *ODD], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|endofturn|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=_SPECIAL,
    )


@pytest.fixture(scope="module")
def demo(bundle_folder: Path) -> Converted:
    """The demo's tokenizer, as its bundle has it."""
    return Converted(bundle_folder)


@pytest.fixture(scope="module")
def hyperclova(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """One of HyperCLOVA X's kind, written in the same way."""
    folder = tmp_path_factory.mktemp("byte-level")
    write_tokenizer(folder, _Processor(byte_level()))  # type: ignore[arg-type]
    return Converted(folder)


@pytest.fixture(params=["demo", "hyperclova"])
def converted(request: pytest.FixtureRequest) -> Converted:
    """Each of them."""
    found: Converted = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("text", ODD, ids=map(str, range(len(ODD))))
def test_odd_text_gives_the_same_ids(converted: Converted, text: str) -> None:
    ids = converted.their_ids(text)
    assert converted.ids(text) == ids
    assert converted.text(ids) == converted.their_text(ids)


def test_large_korean_text_gives_the_same_ids(converted: Converted) -> None:
    different = [text for text in korean_texts() if converted.ids(text) != converted.their_ids(text)]
    assert len(korean_texts()) > 1500
    assert not different


def test_special_tokens_are_one_id_each(converted: Converted) -> None:
    for token in ("<|im_start|>", "<|im_end|>", "<|endofturn|>", names.IMAGE_TOKEN):
        assert len(converted.ids(token)) == 1
        assert converted.text(converted.ids(token)) == ""


def test_every_token_has_the_same_text(converted: Converted) -> None:
    different = [one for one in range(converted.size) if converted.text([one]) != converted.their_text([one])]
    # A null character ends a text in OpenVINO.
    assert [converted.their_text([one]) for one in different] in ([], ["\0"])


def _text() -> st.SearchStrategy[str]:
    signs = st.characters(codec="utf-8", exclude_characters="\0")
    hangul = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
    return st.text(st.one_of(hangul, st.just(" "), signs))


@settings(max_examples=300, deadline=None)
@given(_text())
def test_any_text_gives_the_same_ids_byte_by_byte(hyperclova: Converted, text: str) -> None:
    ids = hyperclova.their_ids(text)
    assert hyperclova.ids(text) == ids
    if ids:
        assert hyperclova.text(ids) == hyperclova.their_text(ids)


def _composed(text: str) -> bool:
    """Whether no two marks follow each other that Unicode would put into another order: OpenVINO leaves them."""
    return not any(map(unicodedata.combining, unicodedata.normalize("NFD", text)))


@settings(max_examples=300, deadline=None)
@given(_text().filter(_composed))
def test_any_text_gives_the_same_ids(demo: Converted, text: str) -> None:
    assert demo.ids(text) == demo.their_ids(text)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(SPLITTING), max_size=14).map("".join))
def test_text_of_what_splits_gives_the_same_ids(demo: Converted, text: str) -> None:
    assert demo.ids(text) == demo.their_ids(text)


@pytest.mark.parametrize("text", SPACES, ids=map(repr, SPACES))
def test_spaces_in_a_row_give_the_same_ids(demo: Converted, text: str) -> None:
    assert demo.ids(text) == demo.their_ids(text)


@pytest.mark.parametrize("text", SPACES, ids=map(repr, SPACES))
def test_spaces_in_a_row_give_the_same_ids_byte_by_byte(hyperclova: Converted, text: str) -> None:
    assert hyperclova.ids(text) == hyperclova.their_ids(text)


def test_image_token_is_called_as_openvino_genai_calls_it(pair: Pair, bundle_folder: Path) -> None:
    _, processor = pair
    renamed = AutoTokenizer.from_pretrained(bundle_folder)
    assert processor.image_token != names.IMAGE_TOKEN
    expected = processor.tokenizer.convert_tokens_to_ids(processor.image_token)
    assert renamed.convert_tokens_to_ids(names.IMAGE_TOKEN) == expected
    assert processor.image_token not in renamed.get_vocab()
    assert len(renamed) == len(processor.tokenizer)
