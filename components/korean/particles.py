"""Particles (josa), whose form depends on the sound that the noun before them ends in."""

from __future__ import annotations

import re
import unicodedata

_FORMS: dict[str, tuple[str, str]] = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "으로": ("으로", "로"),
    "이라는": ("이라는", "라는"),
    "이라고": ("이라고", "라고"),
    "이에요": ("이에요", "예요"),
    "아": ("아", "야"),
}
"""By the form after a consonant: that form, and the one after a vowel."""
_DIGITS = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
"""Final consonants of 영, 일, 삼, 육, 칠, 팔. What is missing here and below ends in a vowel."""
_ZEROS = {1: "ㅂ", 2: "ㄱ", 3: "ㄴ", 4: "ㄴ", 5: "ㄴ", 6: "ㄴ", 7: "ㄴ", 8: "ㄱ", 9: "ㄱ", 10: "ㄱ", 11: "ㄱ"}
"""Of a number that ends in so many zeros: 십, 백, 천, 만 (십만, 백만, 천만), 억."""
_LETTERS = {"L": "ㄹ", "M": "ㅁ", "N": "ㄴ", "R": "ㄹ"}
"""Of the letters' names: 엘, 엠, 엔, 알."""
_UNITS = {"kg": "ㅁ", "g": "ㅁ", "mg": "ㅁ", "t": "ㄴ", "h": "ㄴ", "px": "ㄹ"}
"""Of 그램, 톤, 시간, 픽셀, as which these are read after a number alone; other units end in a vowel (km 킬로미터)."""
_VOWEL_UNITS = ("m", "km", "cm", "mm", "l", "ml", "cal", "kcal", "s", "w", "kw", "v", "hz", "kb", "mb", "gb", "tb")
_SIGNS = {"㎏": "ㅁ", "₩": "ㄴ", "¥": "ㄴ", "#": "ㅂ", "³": "", "㎥": ""}
"""Of 그램, 원, 엔, 샵; the last two are read 세제곱미터, and not as the 3 in them. Others end in a vowel (% 퍼센트)."""
_WORDS = {
    "ㄱ": ("ck", "ook", "ic"),
    "ㄴ": ("n", "ine", "one"),
    "ㄹ": ("l", "le", "ile"),
    "ㅁ": ("m", "ame", "ime", "ome"),
    "ㅂ": ("b", "op", "ap", "ip", "up"),
    "ㅅ": ("et", "ot", "at", "it"),
    "ㅇ": ("ng",),
}
"""Of English words as Korean writes them: book 북, phone 폰, apple 애플, shop 숍, robot 로봇, king 킹; any other gets a
vowel (bus 버스)."""
_TAIL = re.compile(r"(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)\s?(?P<unit>[A-Za-z]+)?$|(?P<word>[A-Za-z]+)$")
_CLOSING = " '\"’”)]}>」』》〉.,!?…~:;-"
_SYLLABLE_FIRST, _SYLLABLE_LAST, _FINALS = 0xAC00, 0xD7A3, 28
_FINAL_LETTERS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_CONSONANTS = frozenset("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")


def final_consonant(noun: str) -> str:
    """The consonant that the noun ends in when it is read aloud, "" for a vowel. (A single consonant letter has a name:
    ㄹ 리을, ㄱ 기역.)

    Numbers are read as Sino-Korean (10 십), capitals by their names (LED 엘이디), other Latin words by their ending,
    signs and units by their names. Chinese characters and whatever else is unknown count as ending in a vowel.
    """
    bare = unicodedata.normalize("NFC", noun).rstrip(_CLOSING)
    last = bare[-1:]
    if _SYLLABLE_FIRST <= ord(last or " ") <= _SYLLABLE_LAST:
        return _FINAL_LETTERS[(ord(last) - _SYLLABLE_FIRST) % _FINALS].strip()
    if last in _CONSONANTS:
        return "ㄹ" if last == "ㄹ" else "ㄱ"
    if last in _SIGNS:
        return _SIGNS[last]
    found = _TAIL.search(unicodedata.normalize("NFKC", bare))
    if found is None:
        return ""
    if found["word"]:
        return _final_of_word(found["word"])
    return _final_of_unit(found["unit"]) if found["unit"] else _final_of_number(found["number"])


def with_particle(noun: str, particle: str) -> str:
    """The noun with its particle, e.g. ``with_particle("사과", "은") == "사과는"``.

    Args:
        noun: any text; quotes, brackets and full stops at its end are looked through.
        particle: the form after a consonant: one of PARTICLES.
    """
    after_consonant, after_vowel = _FORMS[particle]
    final = final_consonant(noun)
    takes_vowel_form = final == "" or (particle == "으로" and final == "ㄹ")
    return noun + (after_vowel if takes_vowel_form else after_consonant)


PARTICLES = frozenset(_FORMS)
"""Forms after a consonant, by which particles are called."""


def _final_of_number(number: str) -> str:
    digits = number.replace(",", "")
    if "." in digits or digits[-1] != "0" or not digits.strip("0"):
        return _DIGITS.get(digits[-1], "")
    return _ZEROS.get(len(digits) - len(digits.rstrip("0")), "")


def _final_of_unit(unit: str) -> str:
    if unit.lower() in _VOWEL_UNITS:
        return ""
    return _UNITS.get(unit.lower()) or _final_of_word(unit)


def _final_of_word(word: str) -> str:
    """Capitals are read letter by letter, and so is a single letter."""
    if word.isupper() or len(word) == 1:
        return _LETTERS.get(word[-1].upper(), "")
    lowered = word.lower()
    return next((final for final, endings in _WORDS.items() if lowered.endswith(endings)), "")
