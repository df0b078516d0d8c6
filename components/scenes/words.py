"""Signs: one or two Hangul words drawn in a Nanum font, with a box for each syllable."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from PIL import Image, ImageDraw

from components.korean.particles import with_particle
from components.scenes.fonts import WEIGHTS, load_font
from components.scenes.scene import SIDE, Box, Choice, Region, Scene, Turn, format_box, pick_wrong
from components.scenes.vocabulary import KIND_OF_WORD, SEEN_WORDS, SYLLABLES, WORD_KINDS

_SMALLEST, _LARGEST, _MARGIN = 36, 54, 4
_PAPER = ((255, 255, 255), (250, 244, 225), (225, 238, 250), (255, 236, 150), (40, 60, 90), (20, 90, 60))
_INK = ((20, 20, 20), (20, 40, 120), (150, 20, 20), (20, 20, 20), (255, 255, 255), (255, 250, 220))
_KIND_QUESTION = "그림에 쓰인 말은 무엇에 속하나요?"


@dataclass(frozen=True)
class Word:
    """A word at a place: left and top of its line in pixels, size of its font in pixels."""

    text: str
    left: int
    top: int
    size: int
    weight: str

    def syllables(self) -> list[Region]:
        """One region a syllable."""
        font = load_font(self.weight, self.size)
        _, top, _, bottom = font.getbbox(self.text)
        edges = [self.left + font.getlength(self.text[:i]) for i in range(len(self.text) + 1)]
        high = ((self.top + top) / SIDE, (self.top + bottom) / SIDE)
        return [
            Region(s, (a / SIDE, high[0], min(b / SIDE, 1.0), high[1]))
            for s, a, b in zip(self.text, edges, edges[1:], strict=False)
        ]

    @property
    def box(self) -> Box:
        """The box around all syllables."""
        boxes = [region.box for region in self.syllables()]
        return boxes[0][0], boxes[0][1], boxes[-1][2], boxes[0][3]


@dataclass(frozen=True)
class Sign(Scene):
    """One word, or two one above the other."""

    kind: ClassVar[str] = "sign"
    words: tuple[Word, ...]
    style: int

    @classmethod
    def sample(cls, rng: random.Random, vocabulary: tuple[str, ...] = SEEN_WORDS) -> Sign:
        """A sign with words of the vocabulary."""
        return cls._place(rng, rng.sample(vocabulary, rng.choice((1, 1, 2))))

    @classmethod
    def sample_thing(cls, rng: random.Random) -> Sign:
        """A sign with one word whose kind (food, clothes, ...) can be asked for."""
        return cls._place(rng, [rng.choice(sorted(KIND_OF_WORD.keys() & set(SEEN_WORDS)))])

    @classmethod
    def sample_syllables(cls, rng: random.Random) -> Sign:
        """A sign of syllables in random order, so that reading is learnt by the syllable and not by the word."""
        count = rng.choice((1, 2))
        return cls._place(rng, ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(count)])

    @classmethod
    def sample_page(cls, rng: random.Random) -> Sign:
        """A page full of syllables: what the image encoder learns glyphs from."""
        return cls._place(
            rng, ["".join(rng.choices(SYLLABLES, k=rng.randint(3, 4))) for _ in range(rng.choice((3, 4)))]
        )

    @classmethod
    def _place(cls, rng: random.Random, texts: list[str]) -> Sign:
        band = SIDE // len(texts)
        largest = min(_LARGEST, band - 8)
        words = []
        for row, text in enumerate(texts):
            size = min(rng.randint(_SMALLEST, largest), (SIDE - 2 * _MARGIN) // len(text))
            weight = rng.choice(WEIGHTS)
            font = load_font(weight, size)
            left = rng.randint(_MARGIN, max(_MARGIN, SIDE - _MARGIN - int(font.getlength(text))))
            top = row * band + rng.randint(0, band - size - 8)
            words.append(Word(text, left, top, size, weight))
        return cls(tuple(words), rng.randrange(len(_PAPER)))

    @cached_property
    def text(self) -> str:
        """All words in reading order."""
        return " ".join(word.text for word in self.words)

    def regions(self) -> list[Region]:
        return [region for word in self.words for region in word.syllables()]

    def draw(self) -> Image.Image:
        picture = Image.new("RGB", (SIDE, SIDE), _PAPER[self.style])
        pen = ImageDraw.Draw(picture)
        for word in self.words:
            font = load_font(word.weight, word.size)
            pen.text((word.left, word.top), word.text, font=font, fill=_INK[self.style])
        return picture

    def caption(self) -> str:
        if len(self.words) == 1:
            return with_particle(f"'{self.text}'", "이라는") + " 글자가 보입니다."
        *over, under = (f"'{word.text}'" for word in self.words)
        return f"위에 {', '.join(over)}, 아래에 {with_particle(under, '이라는')} 글자가 보입니다."

    def turns(self, rng: random.Random) -> list[Turn]:
        read = rng.choice(("그림에 쓰인 글자를 읽어 주세요.", "뭐라고 쓰여 있나요?", "글자를 그대로 적어 주세요."))
        turns = [Turn(read, self.text, "read")]
        for word in self.words:
            subject = with_particle(f"'{word.text}'", "은")
            where = rng.choice((f"{subject} 어디에 있나요?", f"{subject} 어느 자리에 있는지 상자로 답하세요."))
            turns.append(Turn(where, format_box(word.box), "where"))
        turns.append(Turn("글자는 모두 몇 자인가요?", str(sum(len(w.text) for w in self.words)), "length"))
        if self.known_kind:
            turns.append(Turn(_KIND_QUESTION, self.known_kind, "kind"))
        return turns

    @property
    def known_kind(self) -> str:
        """What a single word names (food, clothes, ...), or nothing."""
        return KIND_OF_WORD.get(self.text, "")

    def choices(self, rng: random.Random) -> list[Choice]:
        word = rng.choice(self.words).text
        shown = {w.text for w in self.words}
        others = [w for w in SEEN_WORDS if w not in shown]
        alike = [w for w in others if set(w) & set(word)]
        candidates = rng.sample(alike, min(2, len(alike))) + rng.sample(others, 3)
        question = rng.choice(("그림에 쓰여 있는 글자는 무엇인가요?", "다음 중 그림에서 볼 수 있는 말은 무엇인가요?"))
        choices = [Choice(question, word, pick_wrong(rng, word, candidates), "read")]
        if self.known_kind:
            wrong = pick_wrong(rng, self.known_kind, rng.sample(sorted(WORD_KINDS), len(WORD_KINDS)))
            choices.append(Choice(_KIND_QUESTION, self.known_kind, wrong, "kind"))
        return choices
