"""KoLLaVA's prompt: tokenizer, template, and what ends an answer.

From conversation "mistral" of llava/conversation.py in github.com/tabtoyou/KoLLaVA, whose separator style puts ": "
behind a role, a space behind the system prompt and each question, and ``<|im_end|>`` behind each answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers import AddedToken, LlamaTokenizer, PreTrainedTokenizerFast

from components.evaluate.models.spec import ModelError

IMAGE = "<image>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"
STOP = "###"
"""Also ends an answer: KoLLaVA's own inference (v1.5_synatra_inference.ipynb, llava/serve/cli.py) stops there, as its
training text (``_add_speaker_and_signal`` in llava/train/train.py) put it before each turn."""
SYSTEM = (
    "당신은 유용한 언어 및 시각 도우미입니다. "
    "사용자가 제공하는 시각적 콘텐츠를 이해할 수 있으며, "
    "자연어를 사용하여 사용자에게 다양한 작업을 지원합니다."
)
CHAT_TEMPLATE = (
    (
        "{%- macro say(content) -%}"
        "{%- if content is string -%}{{ content }}"
        "{%- else -%}{%- for part in content -%}"
        "{%- if part['type'] == 'image' -%}{{ '__IMAGE__\n' }}{%- else -%}{{ part['text'] }}{%- endif -%}"
        "{%- endfor -%}{%- endif -%}"
        "{%- endmacro -%}"
        "{%- if messages[0]['role'] != 'system' -%}{{ '__SYSTEM__ ' }}{%- endif -%}"
        "{%- for message in messages -%}"
        "{%- if message['role'] == 'system' -%}{{ say(message['content']) + ' ' }}"
        "{%- elif message['role'] == 'user' -%}{{ '<|im_start|>user\n: ' + say(message['content']) + ' ' }}"
        "{%- else -%}{{ '<|im_start|>assistant\n: ' + say(message['content']) + '<|im_end|>' }}{%- endif -%}"
        "{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n:' }}{%- endif -%}"
    )
    .replace("__IMAGE__", IMAGE)
    .replace("__SYSTEM__", SYSTEM)
)


def read_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The checkpoint's tokenizer with a placeholder for an image, in a form that is saved and read without change.

    Raises:
        ModelError: if there is none, or it lacks the marks of KoLLaVA's conversations.
    """
    original = _read_original(folder)
    _check_ids(original, folder)
    for token in (TURN_START, TURN_END):
        if token not in original.get_vocab():
            raise ModelError(
                f"{folder}: the tokenizer has no {token}. Of checkpoints in LLaVA's original layout, those with "
                "KoLLaVA's ChatML conversation are read; for others, use a version in transformers' layout"
            )
    special = {key: getattr(original, key) for key in ("bos_token", "eos_token", "unk_token", "pad_token")}
    special["pad_token"] = special["pad_token"] or special["unk_token"] or special["eos_token"]
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=original.backend_tokenizer, padding_side="left", **special)
    tokenizer.add_tokens([AddedToken(IMAGE, special=True, normalized=False)], special_tokens=True)
    return tokenizer


def _read_original(folder: Path) -> Any:
    """From tokenizer.json as it is, or from SentencePiece's tokenizer.model. Where neither is, transformers would go on
    with an empty one."""
    file = next((folder / name for name in ("tokenizer.json", "tokenizer.model") if (folder / name).is_file()), None)
    if file is None:
        raise ModelError(f"{folder} has neither tokenizer.json nor tokenizer.model: copy the tokenizer's files there")
    try:
        if file.suffix == ".json":
            return PreTrainedTokenizerFast.from_pretrained(folder)
        return LlamaTokenizer.from_pretrained(folder, legacy=_is_legacy(folder))
    except Exception as error:  # the tokenizers library raises nothing narrower
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{file} cannot be read as a tokenizer ({reason}): copy it again") from error


def _check_ids(tokenizer: Any, folder: Path) -> None:
    """Added tokens follow a tokenizer's own: where they have other ids than they had, its file is another one."""
    file = folder / "added_tokens.json"
    noted: dict[str, int] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for token, number in noted.items():
        if (found := tokenizer.convert_tokens_to_ids(token)) != number:
            raise ModelError(f"{file} gives {token} the id {number}, the tokenizer {found}: copy its files again")


def _is_legacy(folder: Path) -> bool:
    """Whether a word begins anew behind each special token. Where a checkpoint does not say, its code took it so;
    transformers 5 would not."""
    file = folder / "tokenizer_config.json"
    said = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return said.get("legacy") is not False
