"""Text that teaches the language model: scenes described cell by cell, then talked about."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerFast

from components.backbones.pretraining.description import DESCRIPTION_SIDE
from components.backbones.pretraining.patches import Patches, patches_of
from components.backbones.pretraining.tokenizer import END_OF_TURN, IMAGE
from components.prompts import caption
from components.prompts.choice import LETTERS, k_dtcbench, k_mmbench
from components.scenes.instructions import all_instructions
from components.scenes.sampling import sample_scene
from components.scenes.scene import Choice, Scene, Split, Turn

IGNORED = -100
ALL_KINDS = {"sign": 0.26, "syllables": 0.16, "digits": 0.14, "board": 0.18, "single": 0.05, "bars": 0.1, "table": 0.11}
_TEXT_ONLY_SHARE, _PLAIN_SHARE, _PICTURE_LAST_SHARE = 0.04, 0.1, 0.1
_PICTURE = IMAGE * DESCRIPTION_SIDE**2


@dataclass(frozen=True)
class Sample:
    """Token ids and labels of one text; labels are IGNORED outside answers.

    Where a scene is described, the ids hold 36 image tokens, and ``patches`` what to put in their place.
    """

    ids: list[int]
    labels: list[int]
    patches: Patches | None = None


class Corpus:
    """An endless supply of samples from one split, the same for the same seed."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        seed: int,
        split: Split = "train",
        kinds: Mapping[str, float] = ALL_KINDS,
    ) -> None:
        self._tokenizer = tokenizer
        self._kinds, self._weights = list(kinds), list(kinds.values())
        self._rng = random.Random(seed)
        self._split = split
        self._instructions = all_instructions()

    def sample(self, options: int) -> Sample:
        """One text; its lettered questions have ``options`` options (2 to 4)."""
        rng = self._rng
        if rng.random() < _TEXT_ONLY_SHARE:
            turns = rng.sample(self._instructions, 3)
            return self.chat(None, [(turn.question, turn.answer) for turn in turns])
        if rng.random() < _PLAIN_SHARE:
            return self.caption()
        scene = self._scene()
        return self.chat(scene, self._dialogue(scene, options), picture_last=rng.random() < _PICTURE_LAST_SHARE)

    def lettered(self, options: int = 4) -> tuple[Sample, Choice]:
        """One text with a single lettered question."""
        while True:
            scene = self._scene()
            choices = scene.choices(self._rng)
            if choices:
                choice = choices[-1]
                return self.chat(scene, [lettered_turn(self._rng, choice, options)]), choice

    def caption(self) -> Sample:
        """A picture and its caption, without a question."""
        scene = self._scene()
        picture, answer = self._encode(_PICTURE), self._encode(scene.caption() + END_OF_TURN)
        return Sample(picture + answer, [IGNORED] * len(picture) + answer, patches_of(scene))

    def chat(self, scene: Scene | None, dialogue: Sequence[tuple[str, str]], picture_last: bool = False) -> Sample:
        """Questions and answers in the model's chat template, about a scene where one is given."""
        ids: list[int] = []
        labels: list[int] = []
        for index, (question, answer) in enumerate(dialogue):
            if index == 0 and scene:
                question = f"{question}\n{_PICTURE}" if picture_last else f"{_PICTURE}\n{question}"
            asked = self._encode(f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n")
            told = self._encode(answer + "<|im_end|><|endofturn|>")
            gap = self._encode("\n")
            ids += asked + told + gap
            labels += [IGNORED] * len(asked) + told + [IGNORED] * len(gap)
        return Sample(ids, labels, patches_of(scene) if scene else None)

    def _scene(self) -> Scene:
        return sample_scene(self._rng, self._rng.choices(self._kinds, weights=self._weights)[0], self._split)

    def _dialogue(self, scene: Scene, options: int) -> list[tuple[str, str]]:
        rng = self._rng
        dialogue = [(turn.question, turn.answer) for turn in _some(rng, scene.turns(rng), 2)]
        dialogue += [lettered_turn(rng, choice, options) for choice in scene.choices(rng)[-1:]]
        if rng.random() < 0.3:
            dialogue.append((caption.QUESTION, scene.caption()))
        rng.shuffle(dialogue)
        return dialogue

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False)


def _some(rng: random.Random, turns: list[Turn], most: int) -> list[Turn]:
    return rng.sample(turns, min(most, len(turns)))


def lettered_turn(rng: random.Random, choice: Choice, options: int) -> tuple[str, str]:
    """A lettered question in one of the two benchmark wordings, and the letter that answers it."""
    position = rng.randrange(options)
    listed = list(choice.wrong[: options - 1])
    listed.insert(position, choice.right)
    wording = rng.choice((k_dtcbench, k_mmbench))
    return wording(choice.question, listed), LETTERS[position]
