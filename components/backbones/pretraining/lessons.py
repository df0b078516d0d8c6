"""In which order the language model learns, and how fast.

Captions come first: a narrow model that has not learnt to name what it sees learns neither to answer nor to choose.
Then come dialogues beside lettered questions, with two options before three and four; of letters alone nothing is
learnt. Charts form when they come alone for a while, and stay in the mixture that follows. At the end descriptions are
distorted: image tokens will never be quite what was described. Reading suffers most from that, and has the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from components.backbones.pretraining.corpus import ALL_KINDS, Corpus, Sample
from components.backbones.pretraining.progress import learning_rate

_CHARTS = {"bars": 0.5, "table": 0.5}
_BROAD = {
    "sign": 0.18,
    "syllables": 0.1,
    "thing": 0.1,
    "digits": 0.08,
    "board": 0.24,
    "single": 0.04,
    "bars": 0.13,
    "table": 0.13,
}
_READING = {
    "sign": 0.34,
    "syllables": 0.22,
    "thing": 0.1,
    "digits": 0.06,
    "board": 0.12,
    "single": 0.02,
    "bars": 0.07,
    "table": 0.07,
}
_FIRST_PEAK, _LATER_PEAK = 2.5e-3, 1.2e-3


@dataclass(frozen=True)
class Lesson:
    """What a batch holds from a step on."""

    start: int
    captions: int = 0
    dialogues: int = 16
    lettered: int = 20
    options: int = 4
    kinds: Mapping[str, float] = field(default_factory=lambda: ALL_KINDS)
    distorted: bool = False

    def batch(self, corpus: Corpus) -> list[Sample]:
        """One step's samples."""
        captions = [corpus.caption() for _ in range(self.captions)]
        dialogues = [corpus.sample(self.options) for _ in range(self.dialogues)]
        return [*captions, *dialogues, *(corpus.lettered(self.options)[0] for _ in range(self.lettered))]


LESSONS = (
    Lesson(0, captions=64, dialogues=0, lettered=0),
    Lesson(300, options=2),
    Lesson(700, options=3),
    Lesson(900),
    Lesson(1800, kinds=_CHARTS),
    Lesson(2000, kinds=_BROAD),
    Lesson(2700, distorted=True),
    Lesson(3050, kinds=_READING, distorted=True),
)
STEPS = 3400


def lesson_at(lessons: Sequence[Lesson], step: int) -> Lesson:
    """The lesson that a step belongs to."""
    return [lesson for lesson in lessons if lesson.start <= step][-1]


def learning_rate_at(step: int) -> float:
    """A cosine for the first lessons, a constant for charts, then straight lines down."""
    started, rate = [(start, rate) for start, rate in _RATES if start <= step][-1]
    return rate(step - started)


def _cosine(step: int) -> float:
    return learning_rate(step, 2300, _FIRST_PEAK)


def _constant(step: int) -> float:
    return _LATER_PEAK * min(1.0, (step + 1) / 30)


def _line(steps: int) -> Callable[[int], float]:
    return lambda step: _constant(step) * max(0.02, 1 - step / steps)


_RATES: tuple[tuple[int, Callable[[int], float]], ...] = (
    (0, _cosine),
    (1800, _constant),
    (2000, _line(700)),
    (2700, _line(350)),
    (3050, _line(350)),
)
