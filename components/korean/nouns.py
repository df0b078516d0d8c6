"""Nouns in templates: ``"{food:은} 무엇인가요?".format(food=Noun("수박"))`` gives 수박은 무엇인가요?"""

from __future__ import annotations

from components.korean.particles import PARTICLES, with_particle

_QUOTE = "'"


class Noun(str):
    """Text that takes a particle as its format: ``{noun:은}``; with a quote before it, the noun is quoted:
    ``{noun:'은}``, ``{noun:'}``."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        text, particle = str(self), spec
        if spec.startswith(_QUOTE):
            text, particle = f"{_QUOTE}{text}{_QUOTE}", spec[1:]
        if not particle:
            return text
        if particle not in PARTICLES:
            raise ValueError(f"unknown particle {particle!r}: use one of {', '.join(sorted(PARTICLES))}")
        return with_particle(text, particle)
