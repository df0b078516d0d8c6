"""The letter that an answer to a lettered question chooses."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from components.scoring.parsers import wording
from components.scoring.parsers.cleaning import final_part
from components.scoring.parsers.mentions import Mention, after, before, find_mentions
from components.scoring.parsers.text import normalise_text


def parse_letter(response: str, letters: str = "ABCD", options: Sequence[str] | None = None) -> str | None:
    """The letter that an answer chooses, or None where it chooses none, several, or one that is not in ``letters``.

    Thinking (``<think>..</think>``) and markup are taken off first. Then, in this order:

    1. an answer that is one of the letters and signs, even where an option's text is that letter;
    2. an answer that is exactly the text of one of the ``options`` (A's first; all together or none), normalised, with
       or without 정답은 .. 입니다 around it;
    3. the last letter that is called the answer (``정답: B``, ``B가 정답``, ``\\boxed{B}``, ``"answer": "B"``);
    4. the letter in the sentence of the last 따라서 and the like;
    5. the only letter that is said to fit or to be chosen (``B가 맞습니다``, ``B를 선택``);
    6. the letter that the answer begins with, or that has a line of its own;
    7. the only letter that is stated (``B입니다``, ``옵션 B``, ``(B)``, or at the end).

    What comes after 다시 보니 and the like goes before the rest. Letters that are denied or doubted do not count, nor
    do those in names (비타민 C, A형) and in a restated list of the options. Small letters count after 정답 or 옵션, in
    brackets and at the beginning. Not read are numbers (``1번``, ``①``: the question has none, the picture may),
    letters spelt in Hangul (비 is also rain), and a verdict on each option (``A: 아니오 B: 예`` may be the options
    restated). At most eight options, A to H.
    """
    text = final_part(response)
    alone = wording.LETTER_ALONE.fullmatch(text)
    if alone and alone[1].upper() in letters:
        return alone[1].upper()
    chosen = _by_text(text, letters, options) or _by_mention(text)
    return chosen if chosen is not None and chosen in letters else None


def _by_text(text: str, letters: str, options: Sequence[str] | None) -> str | None:
    """The letter of the only option that the answer is equal to; of a letter with its own text (``C. A와 B 모두``)."""
    texts = dict(zip(letters, map(_plain, () if options is None else options), strict=False))
    said = _plain(wording.ANSWER_PREFIX.sub("", _plain(text)))
    lettered = wording.LETTERED.fullmatch(said)
    if lettered and texts.get(lettered["letter"].upper()) in _forms(lettered["text"]):
        return lettered["letter"].upper()
    for forms in ({_plain(text)} - {""}, _forms(text) | _forms(said)):
        equal = [letter for letter, option in texts.items() if option in forms]
        if equal:
            return equal[0] if len(equal) == 1 else None
    return None


def _forms(text: str) -> set[str]:
    """The text with and without 입니다 or 가 정답입니다 after it."""
    whole = _plain(text)
    return {whole, _plain(wording.ANSWER_ENDING.sub("", whole))} - {""}


def _plain(text: str) -> str:
    return normalise_text(unicodedata.normalize("NFKC", text)).casefold()


def _by_mention(text: str) -> str | None:
    """What is said after the last 다시 보니 and the like comes first."""
    text = wording.LOWER_CASE.sub(lambda found: found["before"] + found["letter"].upper(), text)
    mentions = find_mentions(text)
    corrections = [found.end() for found in wording.CORRECTION.finditer(text)]
    corrected = [mention for mention in mentions if corrections and mention.start >= corrections[-1]]
    for known in (corrected, mentions):
        for rule in _RULES:
            chosen = rule(text, known)
            if chosen is not None:
                return None if chosen.one_of_several else chosen.letter
    return None


def _called_answer(text: str, mentions: list[Mention]) -> Mention | None:
    """The last of those that follow 정답 or are followed by it. The 정답 of ``B가 정답`` announces no other letter."""
    found, said = [], [range(0)]
    for mention in mentions:
        called = wording.IS_ANSWER_AFTER.match(text, mention.end)
        if called:
            found.append(mention)
            said.append(range(*called.span()))
    for marker in wording.MARKER.finditer(text):
        announced = _announced(text, marker.end(), mentions)
        if announced is not None and not any(marker.start() in span for span in said):
            found.append(announced)
    return max(found, key=lambda mention: mention.start, default=None)


def _announced(text: str, end: int, mentions: list[Mention]) -> Mention | None:
    """The letter right after a marker; else the only one that is stated in its sentence."""
    link = wording.LINK.match(text, end)
    near = [mention for mention in mentions if link is not None and mention.start == link.end()]
    if near or wording.LOOSE_LINK.match(text, end) is None:
        return near[0] if near else None
    return _only(mention for mention in _in_sentence(text, end, mentions) if _is_stated(text, mention))


def _concluded(text: str, mentions: list[Mention]) -> Mention | None:
    for marker in reversed(list(wording.CONCLUSION.finditer(text))):
        sentence = _in_sentence(text, marker.end(), mentions)
        stated = _only(mention for mention in sentence if _is_stated(text, mention))
        chosen = stated or _only(mention for mention in sentence if after(wording.SUBJECT_AFTER, text, mention))
        if chosen is not None:
            return chosen
    return None


def _fitting(text: str, mentions: list[Mention]) -> Mention | None:
    return _only(mention for mention in mentions if _fits(text, mention))


def _on_own_line(text: str, mentions: list[Mention]) -> Mention | None:
    """The letter at the beginning; else one alone on its line; else the one that begins the last line."""
    free = [mention for mention in mentions if not mention.restated]
    first = [mention for mention in free if _begins(text, 0, mention)]
    alone = [mention for mention in free if _is_alone(text, mention)]
    last = [mention for mention in free if _begins(text, text.rfind("\n") + 1, mention)]
    if len({mention.letter for mention in first + alone}) > 1:
        return replace((first + alone)[0], one_of_several=True)
    return next(iter(first + alone + last), None)


def _stated(text: str, mentions: list[Mention]) -> Mention | None:
    is_short = wording.SHORT_OPTION.fullmatch(text) is not None
    free = [mention for mention in mentions if not mention.restated]
    return _only(mention for mention in free if is_short or _is_stated(text, mention))


def _only(mentions: Iterable[Mention]) -> Mention | None:
    """The last, if all are the same letter."""
    found = list(mentions)
    return found[-1] if len({mention.letter for mention in found}) == 1 else None


def _in_sentence(text: str, start: int, mentions: list[Mention]) -> list[Mention]:
    found = wording.SENTENCE_END.search(text, start)
    end = found.start() if found else len(text)
    return [mention for mention in mentions if start <= mention.start < end and not mention.restated]


def _fits(text: str, mention: Mention) -> bool:
    return after(wording.FITS_AFTER, text, mention) or before(wording.CHOSEN_BEFORE, text, mention)


def _is_stated(text: str, mention: Mention) -> bool:
    is_bracketed = text.endswith("(", 0, mention.start) and after(wording.BRACKETED_AFTER, text, mention)
    return (
        is_bracketed
        or _fits(text, mention)
        or before(wording.OPTION_BEFORE, text, mention)
        or any(after(pattern, text, mention) for pattern in _STATED)
    )


def _begins(text: str, start: int, mention: Mention) -> bool:
    has_word = any(character.isalnum() for character in text[start : mention.start])
    return mention.start >= start and not has_word and after(wording.OPENING_AFTER, text, mention)


def _is_alone(text: str, mention: Mention) -> bool:
    start = text.rfind("\n", 0, mention.start) + 1
    end = text.find("\n", mention.end)
    line = text[start : len(text) if end < 0 else end]
    return wording.LETTER_ALONE.fullmatch(line.replace("입니다", "")) is not None


_STATED = (wording.STATED_AFTER, wording.OPTION_FORM_AFTER, wording.ENDS_AFTER)
_RULES: tuple[Callable[[str, list[Mention]], Mention | None], ...] = (
    _called_answer,
    _concluded,
    _fitting,
    _on_own_line,
    _stated,
)
