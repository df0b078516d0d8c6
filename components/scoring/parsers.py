"""What an answer says: a letter, a box or a text. Deterministic; what cannot be read is None, never a guess.

Change ``PARSER_VERSION`` with any rule: scores of different versions are not set against each other.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

PARSER_VERSION = "1"
Box = tuple[float, float, float, float]

# Hangul counts as a word character, so \b would miss "A입니다"; only Latin letters, digits and the signs of
# grades, sizes and compounds (B+, A4, D-day, A/S) make a letter part of something else.
_LETTER = re.compile(r"(?<![A-Za-z0-9])(?<![A-Za-z0-9][-/&])([A-Z])(?![A-Za-z0-9+#])(?![-/&][A-Za-z0-9])")
_MARKER = re.compile(r"정답|(?<!오)답|(?i:\banswer\b)")
_MARKED_LOWER = re.compile(r"((?:정답|(?<!오)답|(?i:\banswer\b))[은는이가]?\s*:?\s*[('\"\[]?)([a-z])(?![A-Za-z0-9])")
_CONCLUSION = re.compile(r"따라서|그러므로|결론")
_DENIED = re.compile(r"\s*번?\s*(?:이|가|은|는)?\s*(?:정답이|답이)?\s*(?:아니|아닌|아닙|틀[리렸]|오답)")
_ARTICLE = re.compile(r" [a-z]")
_JOINED = re.compile(r"\W*(?:번\s*)?(?:[,/·&]|와|과|또는|혹은|이나|나|및|or|and)\s*\W*")
_OPTION = re.compile(r"(?:^|[\s,])([A-Z])[.:)]\s")
_NUMBER = r"\s*(-?\d*\.?\d+)\s*"
_BOX = re.compile(r"\[" + ",".join([_NUMBER] * 4) + r"\]")
_QUOTES = "\"'“”‘’`「」『』"


def parse_letter(response: str, letters: str = "ABCD") -> str | None:
    """The letter that an answer chooses.

    In this order: an answer that is one letter and signs; the letter after the last 정답 or 답 that has
    one after it; the nearest letter before the last 정답 or 답; the letter after 따라서 and the like; the
    letter that the answer begins with; the only letter that occurs. Letters that the answer denies
    (``A가 아니라``) do not count, and a choice of several (``A 또는 B``) is none.
    """
    text = unicodedata.normalize("NFKC", response).strip()
    alone = re.fullmatch(r"\W*([A-Za-z])\W*", text)
    if alone:
        return _allowed(alone[1].upper(), letters)
    text = _MARKED_LOWER.sub(lambda found: found[1] + found[2].upper(), text)
    found = [match for match in _LETTER.finditer(text) if match[1] in letters and not _is_no_choice(text, match)]
    chosen = _by_marker(text, found, _MARKER, before=True) or _by_marker(text, found, _CONCLUSION, before=False)
    if chosen is None and len({match[1] for match in found}) > 1:
        chosen = found[0] if not re.search(r"\w", text[: found[0].start()]) else None
    elif chosen is None and found:
        chosen = found[0]
    if chosen is None or _is_one_of_several(text, found, chosen):
        return None
    return chosen[1]


def count_options(prompt: str) -> int:
    """How many lettered options a question lists (``A. ..`` or ``A: ..``); 4 where none can be seen."""
    seen = {match[1] for match in _OPTION.finditer(prompt)}
    count = 0
    while chr(ord("A") + count) in seen:
        count += 1
    return count if count > 1 else 4


def parse_box(response: str) -> Box | None:
    """The first ``[x1,y1,x2,y2]`` of shares between 0 and 1 whose corners are in order."""
    for match in _BOX.finditer(unicodedata.normalize("NFKC", response)):
        x1, y1, x2, y2 = (float(number) for number in match.groups())
        if 0 <= x1 <= x2 <= 1 and 0 <= y1 <= y2 <= 1:
            return x1, y1, x2, y2
    return None


def normalise_text(text: str) -> str:
    """Composed Hangul, single spaces, neither quotes around nor full stops at the end."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    before = None
    while text != before:
        before = text
        text = text.strip(_QUOTES + " ").rstrip(".。 ")
    return text


def _allowed(letter: str, letters: str) -> str | None:
    return letter if letter in letters else None


def _is_no_choice(text: str, match: re.Match[str]) -> bool:
    """Whether a letter is denied, or is the English article."""
    is_article = match[1] == "A" and _ARTICLE.match(text, match.end()) is not None
    return is_article or _DENIED.match(text, match.end()) is not None


def _by_marker(text: str, found: list[re.Match[str]], marker: re.Pattern[str], before: bool) -> re.Match[str] | None:
    """The letter after the last marker that has one of its own; else the one before the last marker."""
    places = [match.end() for match in marker.finditer(text)]
    for start, end in reversed(list(pairwise([*places, len(text) + 1]))):
        after = [match for match in found if start <= match.start() < end]
        if after and not (before and _belongs_to_next(text, after[0], end)):
            return after[0]
    earlier = [match for match in found if places and match.start() < places[-1]]
    return earlier[-1] if before and earlier else None


def _belongs_to_next(text: str, match: re.Match[str], end: int) -> bool:
    """``B가 정답``: the letter is the next marker's subject, not the last marker's object."""
    return (
        end <= len(text)
        and re.fullmatch(r"\W*번?\s*(?:이|가)\s*(?:정답|답|answer)", text[match.end() : end]) is not None
    )


def _is_one_of_several(text: str, found: list[re.Match[str]], chosen: re.Match[str]) -> bool:
    """Whether the chosen letter is joined to a different one, as in ``A 또는 B``."""
    return any(
        first[1] != second[1] and chosen is first and _JOINED.fullmatch(text[first.end() : second.start()])
        for first, second in pairwise(found)
    )
