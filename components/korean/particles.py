"""Particles (josa), whose form depends on the sound that the noun before them ends in."""

from __future__ import annotations

_FORMS: dict[str, tuple[str, str]] = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "이라는": ("이라는", "라는"),
    "으로": ("으로", "로"),
}
_DIGIT_FINALS = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
_LETTER_FINALS = {"L": "ㄹ", "M": "ㅁ", "N": "ㄴ", "R": "ㄹ"}
_SYLLABLE_FIRST, _SYLLABLE_LAST, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8


def final_consonant(noun: str) -> str:
    """The consonant that the noun ends in: "" for none, "ㄹ" for rieul, "ㅇ" or another for any other."""
    last = noun.rstrip("'\"’”)] ")[-1:].upper()[-1:]
    if _SYLLABLE_FIRST <= ord(last or " ") <= _SYLLABLE_LAST:
        final = (ord(last) - _SYLLABLE_FIRST) % _FINALS
        return "" if final == 0 else "ㄹ" if final == _RIEUL else "ㅇ"
    return _DIGIT_FINALS.get(last, _LETTER_FINALS.get(last, ""))


def with_particle(noun: str, particle: str) -> str:
    """The noun with its particle, e.g. ``with_particle("사과", "은") == "사과는"``.

    Args:
        noun: any text; quotes and brackets at its end are looked through.
        particle: the form after a consonant: one of 은, 이, 을, 과, 이라는, 으로.
    """
    after_consonant, after_vowel = _FORMS[particle]
    final = final_consonant(noun)
    takes_vowel_form = final == "" or (particle == "으로" and final == "ㄹ")
    return noun + (after_vowel if takes_vowel_form else after_consonant)
