"""Text that teaches the language model: scenes described cell by cell, then talked about."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerFast

from components.backbones.pretraining.tokenizer import END_OF_TURN
from components.prompts.choice import LETTERS, k_dtcbench, k_mmbench
from components.scenes.instructions import all_instructions
from components.scenes.sampling import sample_scene
from components.scenes.scene import Choice, Scene, Turn
from components.scenes.vocabulary import EMPTY

IGNORED = -100
DESCRIPTION_SIDE = 6
"""A description has 6 x 6 cells, as many as the demo's connector gives image tokens."""
_LEAST_COVER = 0.06
_KINDS = {"sign": 0.26, "syllables": 0.16, "digits": 0.14, "board": 0.18, "single": 0.05, "bars": 0.1, "table": 0.11}
_TEXT_ONLY_SHARE, _PLAIN_SHARE, _FORGET_SHARE = 0.04, 0.1, 0.3
CAPTION_QUESTION = "그림을 한 문장으로 설명해 주세요."


@dataclass(frozen=True)
class Sample:
    """Token ids and labels of one text; labels are IGNORED outside answers."""

    ids: list[int]
    labels: list[int]


class Corpus:
    """An endless supply of samples from one split, the same for the same seed."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, seed: int, split: str = "train") -> None:
        self._tokenizer = tokenizer
        self._rng = random.Random(seed)
        self._split = split
        self._instructions = all_instructions()
        self._cells: dict[str, list[int]] = {}

    def sample(self, options: int) -> Sample:
        """One text; its lettered questions have ``options`` options (2 to 4)."""
        rng = self._rng
        if rng.random() < _TEXT_ONLY_SHARE:
            turns = rng.sample(self._instructions, 3)
            return self._chat([], [(turn.question, turn.answer) for turn in turns])
        kind = rng.choices(list(_KINDS), weights=list(_KINDS.values()))[0]
        scene = sample_scene(rng, kind, self._split)  # type: ignore[arg-type]
        description = self._describe(scene)
        if rng.random() < _PLAIN_SHARE:
            return self._plain(description, scene.caption())
        return self._chat(description, self._dialogue(scene, options))

    def lettered(self, options: int = 4) -> tuple[Sample, Choice]:
        """One text with a single lettered question, for measuring."""
        rng = self._rng
        while True:
            scene = sample_scene(rng, rng.choice(list(_KINDS)), self._split)  # type: ignore[arg-type]
            choices = scene.choices(rng)
            if choices:
                question, answer = _letter(rng, choices[0], options)
                return self._chat(self._describe(scene), [(question, answer)]), choices[0]

    def _dialogue(self, scene: Scene, options: int) -> list[tuple[str, str]]:
        rng = self._rng
        dialogue = [(turn.question, turn.answer) for turn in _some(rng, scene.turns(rng), 2)]
        dialogue += [_letter(rng, choice, options) for choice in scene.choices(rng)[-1:]]
        if rng.random() < 0.3:
            dialogue.append((CAPTION_QUESTION, scene.caption()))
        rng.shuffle(dialogue)
        return dialogue

    def _describe(self, scene: Scene) -> list[int]:
        names = scene.grid(DESCRIPTION_SIDE, _LEAST_COVER)
        if self._rng.random() < _FORGET_SHARE:
            names = _forget(self._rng, names)
        return [token for name in names for token in self._cell(name)]

    def _cell(self, name: str) -> list[int]:
        if name not in self._cells:
            self._cells[name] = self._tokenizer.encode(name, add_special_tokens=False)
        return self._cells[name]

    def _plain(self, description: list[int], caption: str) -> Sample:
        answer = self._encode(caption + END_OF_TURN)
        return Sample(description + answer, [IGNORED] * len(description) + answer)

    def _chat(self, description: list[int], dialogue: Sequence[tuple[str, str]]) -> Sample:
        ids: list[int] = []
        labels: list[int] = []
        for index, (question, answer) in enumerate(dialogue):
            head = self._encode("<|im_start|>user\n")
            if index == 0 and description:
                head = head + description + self._encode("\n")
            asked = head + self._encode(question + "<|im_end|>\n<|im_start|>assistant\n")
            told = self._encode(answer + "<|im_end|><|endofturn|>")
            gap = self._encode("\n")
            ids += asked + told + gap
            labels += [IGNORED] * len(asked) + told + [IGNORED] * len(gap)
        return Sample(ids, labels)

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False)


def _some(rng: random.Random, turns: list[Turn], most: int) -> list[Turn]:
    return rng.sample(turns, min(most, len(turns)))


def _letter(rng: random.Random, choice: Choice, options: int) -> tuple[str, str]:
    """A lettered question in one of the two benchmark wordings, and the letter that answers it."""
    position = rng.randrange(options)
    listed = list(choice.wrong[: options - 1])
    listed.insert(position, choice.right)
    wording = rng.choice((k_dtcbench, k_mmbench))
    return wording(choice.question, listed), LETTERS[position]


def _forget(rng: random.Random, names: list[str]) -> list[str]:
    """Some cells of things that cover several cells left empty: image tokens are never as clean as a description."""
    counts = Counter(names)
    return [EMPTY if counts[name] >= 3 and rng.random() < 0.12 else name for name in names]
