"""What a judge is asked about a case: each repetition in each order is a judgement of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from components.evaluate.judge.cases import Case
from components.evaluate.judge.template import Messages, Template
from components.params.evaluation import EndpointJudge, LocalJudge

_SEED_DIGITS = 7
"""Hexadecimal; every server's seeds hold 28 bits."""


@dataclass(frozen=True)
class Question:
    """One judgement that is wanted."""

    key: str
    """SHA-256 of all that decides the reply but the attempt: two questions with the same key are the same."""
    messages: Messages
    repeat: int
    is_swapped: bool
    attempt: int = 0
    """Which reply to this question it would be: one that cannot be read is asked for again."""

    @property
    def seed(self) -> int:
        """Another one for every repetition, order and attempt, and the same in every run."""
        return int(self.key[:_SEED_DIGITS], 16) + self.attempt

    def again(self, attempt: int) -> Question:
        """The same question for another reply."""
        return replace(self, attempt=attempt)


def questions_of(case: Case, judge: EndpointJudge | LocalJudge, template: Template, model: str) -> Iterator[Question]:
    """Everything that is asked about a case.

    Args:
        case: with the fields that the template needs.
        judge: for how often, in which orders, and how replies are decoded.
        template: the wording.
        model: the judge's name, see naming.py.
    """
    for is_swapped in orders(judge, template):
        messages = template.messages(case.fields, is_swapped)
        for repeat in range(judge.repeats):
            asked = [judge.kind, model, judge.temperature, judge.max_tokens, repeat, is_swapped, messages]
            key = hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
            yield Question(key, messages, repeat, is_swapped)


def orders(judge: EndpointJudge | LocalJudge, template: Template) -> tuple[bool, ...]:
    """Whether answers are swapped, for each order asked. A verdict has one answer, and so one order."""
    return (False, True) if judge.swap and template.rating == "pair" else (False,)
