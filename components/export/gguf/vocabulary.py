"""A transformers tokenizer as llama.cpp's kind of vocabulary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import gguf

from components.export.gguf.refusals import NotForLlamaCpp
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor


@dataclass(frozen=True)
class Vocabulary:
    """What a GGUF file says of its tokenizer."""

    tokens: list[str]
    """One a row of the embedding table."""
    types: list[gguf.TokenType]
    merges: list[str]
    pre: str
    """llama.cpp's name of the pattern that splits a text before merging."""
    bos: int
    eos: int
    eot: int
    """Ends a turn; llama.cpp stops there, as at ``eos``."""
    pad: int
    chat_template: str


def read_vocabulary(model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor) -> Vocabulary:
    """The vocabulary of a model.

    Raises:
        NotForLlamaCpp: if the tokenizer is no byte-level BPE, the only kind that is written.
    """
    tokenizer = processor.tokenizer
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    _check_byte_level(described)
    rows = model.config.text_config.vocab_size
    tokens, types = _rows(described, rows)
    eos = tokenizer.eos_token_id
    turn_ends = [token for token in model.generation_config.eos_token_id if token != eos]
    return Vocabulary(
        tokens=tokens,
        types=types,
        merges=[pair if isinstance(pair, str) else " ".join(pair) for pair in described["model"]["merges"]],
        pre=_pre(described),
        bos=tokenizer.bos_token_id,
        eos=eos,
        eot=turn_ends[0] if turn_ends else eos,
        pad=tokenizer.pad_token_id,
        chat_template=chat_template(processor),
    )


def add_vocabulary(writer: gguf.GGUFWriter, vocabulary: Vocabulary) -> None:
    """Write all of it into a language model's file."""
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges(vocabulary.merges)
    writer.add_bos_token_id(vocabulary.bos)
    writer.add_eos_token_id(vocabulary.eos)
    writer.add_eot_token_id(vocabulary.eot)
    writer.add_pad_token_id(vocabulary.pad)
    writer.add_add_bos_token(False)
    writer.add_chat_template(vocabulary.chat_template)


_WORDS = (
    "{{ message['content'] | replace('__>', '__>\n') if '<__media_' in message['content'] else message['content'] }}"
)


def chat_template(processor: KoreanVlmProcessor) -> str:
    """The model's template, but a picture is whatever stands for it in llama.cpp, and the line break behind it.

    llama.cpp hands a picture over as a part of type ``media_marker`` whose text marks the place, or (llama-server, and
    what else shares its code) as that text within a message's words: ``<__media__>``, or with letters drawn at random
    before its end. The model was trained with a line break behind the picture.

    Raises:
        NotForLlamaCpp: if the template does not write pictures as the project's does.
    """
    template = str(processor.chat_template)
    changes = {
        "part['type'] == 'image'": "part['type'] == 'media_marker'",
        f"'{processor.image_token}\n'": "part['text'] + '\n'",
        "{{ message['content'] }}": _WORDS,
    }
    for old, new in changes.items():
        if template.count(old) != 1:
            raise NotForLlamaCpp(f"the chat template must hold {old!r} once, to be rewritten for llama.cpp")
        template = template.replace(old, new)
    return template


def _rows(described: dict[str, Any], rows: int) -> tuple[list[str], list[gguf.TokenType]]:
    """Names and types; rows of the table that no token has are padding that is never read or written."""
    tokens = [f"[PAD{row}]" for row in range(rows)]
    types = [gguf.TokenType.UNUSED] * rows
    for token, number in described["model"]["vocab"].items():
        tokens[number], types[number] = token, gguf.TokenType.NORMAL
    for added in described["added_tokens"]:
        tokens[added["id"]] = added["content"]
        types[added["id"]] = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
    return tokens, types


def _check_byte_level(described: dict[str, Any]) -> None:
    kind, decoder = described["model"]["type"], described["decoder"] or {}
    if kind != "BPE" or "ByteLevel" not in _kinds(decoder, "decoders"):
        raise NotForLlamaCpp(
            f"the tokenizer is {kind} with decoder {'+'.join(_kinds(decoder, 'decoders')) or 'none'}: as GGUF, only "
            "byte-level BPE is written (the demo's tokenizer is another kind); export to OpenVINO"
        )


def _pre(described: dict[str, Any]) -> str:
    """GPT-2's pattern is part of the step ByteLevel; whoever splits before it is expected to use cl100k's.

    llama.cpp knows that one, with merges applied to whole words, too, as that of DBRX. Whether it is the right one is
    what comparing the tokenizers tells (components.export.gguf.tokenizer_check).
    """
    steps = described["pre_tokenizer"] or {}
    return "dbrx" if "Split" in _kinds(steps, "pretokenizers") else "gpt-2"


def _kinds(steps: dict[str, Any], inner: str) -> list[str]:
    return [step["type"] for step in steps.get(inner, [steps]) if step]
