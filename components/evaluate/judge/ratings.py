"""Reading what a judge has replied. Nothing is guessed: a reply that is not clearly a rating is none."""

from __future__ import annotations

import re
import unicodedata

from components.evaluate.judge.template import Rating

LOWEST, HIGHEST = 1.0, 10.0

_NOT_READ = str.maketrans(dict.fromkeys("*_`#>[](){}\"'", " "))
"""Markdown and brackets around what is read."""
_LABEL = (
    r"(?:(?:assistant|어시스턴트|답변|응답|모델)\s*{place}"
    r"\s*(?:의\s*)?(?:답변|응답)?\s*(?:점수|평점|score|rating)?\s*(?:은|는|[:=])?\s*)?"
)
_NUMBER = r"(?P<{name}>[0-9]{{1,3}}(?:\.[0-9]+)?)\s*(?:점|/\s*10(?![0-9.]))?"
_BETWEEN = r"\s*(?:[\s,;|:&]|/(?!\s*10\b)|과|와|이고|그리고|대)\s*"
"""Not ``8/10``: that is one rating of ten, or two."""
_PAIR = re.compile(
    r"(?:(?:점수|평점|평가|scores?|ratings?)\s*[:=]?\s*)?"
    + _LABEL.format(place="(?P<first_place>[12])")
    + _NUMBER.format(name="first")
    + _BETWEEN
    + _LABEL.format(place="(?P<second_place>[12])")
    + _NUMBER.format(name="second")
    + r"\s*(?:입니다|이다)?\s*\.?",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"(?:(?:정답|답|판정|판단|결과|평가|점수|answer|verdict|score)\s*(?:은|는)?\s*[:=]?\s*)?"
    r"(?P<verdict>[01])\s*(?:점)?\s*(?:입니다|이다)?\s*\.?",
    re.IGNORECASE,
)


def read_rating(rating: Rating, reply: str) -> list[float] | None:
    """What a reply says.

    Args:
        rating: which kind is read.
        reply: the judge's whole text. What stands up to ``</think>`` is not read, as it is no reply yet.

    Returns:
        ``[first answer's, second answer's]``, or ``[verdict]``; None where there is nothing clear.
    """
    line = _first_line(reply)
    return _pair(line) if rating == "pair" else _verdict(line)


def _first_line(reply: str) -> str:
    """Folded to half-width signs (NFKC); "" if there is none."""
    said = unicodedata.normalize("NFKC", reply.rpartition("</think>")[2])
    lines = (line.translate(_NOT_READ).strip() for line in said.splitlines())
    return next((line for line in lines if line), "")


def _pair(line: str) -> list[float] | None:
    found = _PAIR.fullmatch(line)
    if not found:
        return None
    ratings = [float(found["first"]), float(found["second"])]
    places = (found["first_place"] or "1", found["second_place"] or "2")
    if places[0] == places[1] or not all(LOWEST <= value <= HIGHEST for value in ratings):
        return None
    return ratings if places == ("1", "2") else ratings[::-1]


def _verdict(line: str) -> list[float] | None:
    found = _VERDICT.fullmatch(line)
    return [float(found["verdict"])] if found else None
