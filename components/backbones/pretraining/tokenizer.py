"""The demo language model's tokenizer: byte-pair encoding that keeps what a picture can show as one token a thing."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from components.prompts import caption
from components.prompts.choice import k_dtcbench, k_mmbench
from components.scenes.instructions import all_instructions
from components.scenes.sampling import sample_scene
from components.scenes.vocabulary import (
    BAR,
    CELLS,
    CHART_LABELS,
    PLACES,
    SHAPE_NAMES,
    SYLLABLES,
    TOPICS,
    WORD_KINDS,
)

END_OF_TEXT, IM_START, IM_END, END_OF_TURN, IMAGE = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|endofturn|>",
    "<|image|>",
)
SPECIAL_TOKENS = [END_OF_TEXT, IM_START, IM_END, END_OF_TURN, IMAGE]
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' }}"
    "{% if message['role'] == 'assistant' %}{{ '<|endofturn|>' }}{% endif %}"
    "{{ '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
VOCABULARY_SIZE = 1536
_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
_NAMES = (BAR, *SHAPE_NAMES, *CHART_LABELS, *PLACES.values(), *WORD_KINDS, *TOPICS)
"""What a picture shows, or an answer says of it: one token each, whatever particle follows."""
_ALONE = "|".join([*sorted(_NAMES, key=len, reverse=True), r"\d\.\d\d", r"\d", "[A-D]", r"['\[\]\n]", "[,:.?] ?"])
"""What is always a token of its own: names, numbers, option letters, brackets, marks with the space after them."""
_SPACE = " (?!(?:" + "|".join(sorted({name.split(" ")[1] for name in _NAMES if " " in name})) + ")$)"
"""A space, but not the one inside a name such as '빨간 원'."""
_TALK = "안녕하세요. 무엇을 도와드릴까요? 네, 아니요. 감사합니다. 모르겠습니다."


def train_tokenizer(seed: int) -> PreTrainedTokenizerFast:
    """A tokenizer trained on the wordings of the train split.

    The words of signs are kept out of the corpus, so that they are read and written syllable by syllable; names
    from the closed vocabulary (labels, shapes, places) come often enough to be one token each.
    """
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token=None))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_ALONE), "isolated"),
            pre_tokenizers.Split(Regex(_SPACE), "merged_with_previous"),
        ]
    )
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        special_tokens=SPECIAL_TOKENS + _BYTES,
        initial_alphabet=[*SYLLABLES, *(c for c in map(chr, range(32, 127))), "\n", *"".join(CELLS)],
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(random.Random(seed)), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=END_OF_TEXT,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TURN,
        additional_special_tokens=[IM_START, IM_END, IMAGE],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        padding_side="right",
    )


def _corpus(rng: random.Random) -> Iterator[str]:
    for name in _NAMES:
        yield from [name] * 800
    for number in range(101):
        yield from [f"{number / 100:.2f}"] * 200
    for kind in ("board", "single", "digits", "bars", "table"):
        for _ in range(1500):
            scene = sample_scene(rng, kind, "train")
            yield scene.caption()
            for turn in scene.turns(rng):
                yield from (turn.question, turn.answer)
            for choice in scene.choices(rng):
                yield k_dtcbench(choice.question, choice.options(0))
                yield k_mmbench(choice.question, choice.options(0))
    for _ in range(1500):
        yield from _sign_wordings(rng)
    for turn in all_instructions():
        yield from [turn.question, turn.answer] * 5
    yield from [_TALK, "user\n", "assistant\n", f"{caption.QUESTION}\n"] * 100


def _sign_wordings(rng: random.Random) -> Iterator[str]:
    """The wordings around a sign's words, without the words."""
    scene = sample_scene(rng, "sign", "train")
    words = scene.text.split()  # type: ignore[attr-defined]
    for text in [scene.caption(), *(t.question for t in scene.turns(rng)), *(c.question for c in scene.choices(rng))]:
        for word in words:
            text = text.replace(word, "")
        yield text
