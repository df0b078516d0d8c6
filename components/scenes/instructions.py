"""Text-only instructions about the demo's world: sums, seasons, topics, endings of words."""

from __future__ import annotations

from components.korean.particles import with_particle
from components.scenes.scene import Turn
from components.scenes.vocabulary import TOPICS

_SEASONS = TOPICS["계절"]


def all_instructions() -> list[Turn]:
    """Every text-only instruction, in a fixed order."""
    return [*_sums(), *_seasons(), *_kinds(), *_parities()]


def _sums() -> list[Turn]:
    return [
        Turn(f"{a} 더하기 {with_particle(str(b), '은')} 얼마인가요?", str(a + b), "sum")
        for a in range(10)
        for b in range(10)
        if a + b < 10
    ]


def _seasons() -> list[Turn]:
    after = [
        Turn(f"{season} 다음 계절은 무엇인가요?", _SEASONS[(i + 1) % 4], "season") for i, season in enumerate(_SEASONS)
    ]
    before = [Turn(f"{season} 앞의 계절은 무엇인가요?", _SEASONS[i - 1], "season") for i, season in enumerate(_SEASONS)]
    return after + before


def _kinds() -> list[Turn]:
    return [
        Turn(f"{with_particle(label, '은')} 무엇의 한 가지인가요?", topic, "kind")
        for topic, labels in TOPICS.items()
        for label in labels
    ]


def _parities() -> list[Turn]:
    return [
        Turn(f"{with_particle(str(n), '은')} 짝수인가요, 홀수인가요?", "짝수" if n % 2 == 0 else "홀수", "parity")
        for n in range(10)
    ]
