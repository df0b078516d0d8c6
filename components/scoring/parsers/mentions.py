"""The letters in an answer that may be its choice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from components.scoring.parsers import wording

_REACH = 24
"""Characters before a letter that patterns look back over."""


@dataclass(frozen=True)
class Mention:
    """A letter in a text."""

    letter: str
    start: int
    end: int
    restated: bool = False
    """Part of a list of options (``A. .. B. ..``)."""
    one_of_several: bool = False
    """Joined to another one, as in ``A 또는 B``."""


def find_mentions(text: str) -> list[Mention]:
    """In the order of the text, without names (비타민 C), articles, and what is denied (A가 아니라), doubted (A인지)
    or chosen from (A와 B 중)."""
    letters = [Mention(found[0], *found.span()) for found in wording.LETTER.finditer(text)]
    named = [letter for letter in letters if not _is_name(text, letter)]
    return _mark_restated(text, [kept for group in _groups(text, named) for kept in _choosable(text, group)])


def before(pattern: re.Pattern[str], text: str, mention: Mention) -> bool:
    """Whether the pattern, which ends in ``$``, fits what stands before."""
    return pattern.search(text[max(0, mention.start - _REACH) : mention.start]) is not None


def after(pattern: re.Pattern[str], text: str, mention: Mention) -> bool:
    """Whether the pattern fits what comes after."""
    return pattern.match(text, mention.end) is not None


def _is_name(text: str, mention: Mention) -> bool:
    is_article = mention.letter == "A" and after(wording.ARTICLE_AFTER, text, mention)
    return is_article or before(wording.NAME_BEFORE, text, mention) or after(wording.NAME_AFTER, text, mention)


def _groups(text: str, mentions: list[Mention]) -> Iterator[list[Mention]]:
    """Runs of letters with nothing but 와, 또는, a comma and the like between them."""
    group: list[Mention] = []
    for mention in mentions:
        if group and not _are_joined(text, group[-1], mention):
            yield group
            group = []
        group.append(mention)
    if group:
        yield group


def _are_joined(text: str, first: Mention, second: Mention) -> bool:
    """``정답은 B, A는 ..`` are two clauses; ``B, A는 ..`` is one."""
    between = text[first.end : second.start]
    if wording.JOINED.fullmatch(between) is None:
        return False
    is_new_clause = between.rstrip().endswith(",") and after(wording.TOPIC_AFTER, text, second)
    return not (is_new_clause and _is_announced(text, first))


def _is_announced(text: str, mention: Mention) -> bool:
    """Whether 정답, 답 or answer stands right before."""
    start = max(0, mention.start - _REACH)
    return any(
        wording.LINK.fullmatch(text, marker.end(), mention.start)
        for marker in wording.MARKER.finditer(text, start, mention.start)
    )


def _choosable(text: str, group: list[Mention]) -> list[Mention]:
    """What is said of the last letter of a group is said of all."""
    if after(wording.CANDIDATE_AFTER, text, group[-1]) or _is_refused(text, group[-1]):
        return []
    kept = [mention for mention in group if not _is_refused(text, mention)]
    several = len({mention.letter for mention in kept}) > 1
    return [replace(mention, one_of_several=several) for mention in kept]


def _is_refused(text: str, mention: Mention) -> bool:
    return (
        after(wording.DENIED_AFTER, text, mention)
        or after(wording.DOUBTED_AFTER, text, mention)
        or before(wording.DENIED_BEFORE, text, mention)
    )


def _mark_restated(text: str, mentions: list[Mention]) -> list[Mention]:
    """A list of options begins with A, goes up, and has two or more."""
    run: list[Mention] = []
    restated: set[int] = set()
    for mention in mentions:
        if not after(wording.OPTION_FORM_AFTER, text, mention):
            continue
        if run and mention.letter > run[-1].letter:
            run.append(mention)
            restated.update(part.start for part in run)
        else:
            run = [mention] if mention.letter == "A" else []
    return [replace(mention, restated=mention.start in restated) for mention in mentions]
