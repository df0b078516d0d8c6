"""Between the judge and the store: reads replies, keeps them, counts them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from threading import Lock

from components.evaluate.judge.questions import Question
from components.evaluate.judge.ratings import read_rating
from components.evaluate.judge.replies import CUT_OFF, UNREADABLE, Reply
from components.evaluate.judge.store import Record, Store
from components.evaluate.judge.template import Template
from components.evaluate.judge.usage import Usage
from components.params.evaluation import JudgePrice
from components.stages.progress import Progress

_log = logging.getLogger(__name__)


class Keeper:
    """What is known of every question."""

    def __init__(self, store: Store, template: Template, model: str, price: JudgePrice | None) -> None:
        self.ratings: dict[str, list[float]] = {}
        """By key, in the order in which the two answers were shown."""
        self.reasons: dict[str, str] = {}
        """By key, of those without a rating: why the last attempt of this run failed."""
        self.usage = Usage(price)
        self._attempts: dict[str, int] = {}
        self._store, self._template, self._model = store, template, model
        self._lock = Lock()
        self._progress = _progress(0, 0)
        for record in store.read():
            self._recall(record)

    def open_questions(self, questions: Iterable[Question]) -> list[Question]:
        """Those without a rating, once each, with the attempt that comes next."""
        unique = {question.key: question for question in questions}
        left = [question for key, question in unique.items() if key not in self.ratings]
        self.usage.wanted, self.usage.stored = len(unique), len(unique) - len(left)
        self._progress = _progress(len(unique), len(unique) - len(left))
        return [question.again(self._attempts.get(question.key, 0)) for question in left]

    def keep(self, question: Question, reply: Reply) -> bool:
        """Store a reply, then count it; whether it is a rating."""
        rating = self._read(reply.text)
        reason = "" if rating else reply.reason or (CUT_OFF if reply.is_cut else UNREADABLE)
        self._store.add(self._record(question, reply, reason))
        with self._lock:
            self.usage.add(reply)
            if rating:
                self.ratings[question.key] = rating
                self.usage.succeeded += 1
            self._note(question.key, reason, reply.detail)
            self._progress.add(int(rating is not None), self._failed())
        return rating is not None

    def _recall(self, record: Record) -> None:
        """Replies are read anew, so that a reader that has learnt more finds more in them."""
        if record.reply is None:
            return
        rating = self._read(record.reply)
        if rating:
            self.ratings[record.key] = rating
        self._attempts[record.key] = max(self._attempts.get(record.key, 0), record.attempt + 1)

    def _read(self, text: str | None) -> list[float] | None:
        return None if text is None else read_rating(self._template.rating, text)

    def _record(self, question: Question, reply: Reply, reason: str) -> Record:
        return Record(
            key=question.key,
            attempt=question.attempt,
            repeat=question.repeat,
            is_swapped=question.is_swapped,
            model=self._model,
            template=self._template.name,
            template_digest=self._template.digest,
            reply=reply.text,
            reason=reason,
            detail=reply.detail,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
        )

    def _note(self, key: str, reason: str, detail: str) -> None:
        """Take over why a question has no rating, "" if it has one; each reason is told once."""
        if before := self.reasons.pop(key, None):
            self.usage.failures[before] -= 1
        if not reason:
            return
        if reason not in self.usage.failures:
            _log.warning("judge: %s", f"{reason}: {detail}" if detail else reason)
        self.reasons[key] = reason
        self.usage.failures[reason] += 1

    def _failed(self) -> str:
        """What progress tells of the others."""
        failed = sum(self.usage.failures.values())
        return f", {failed:,} failed" if failed else ""


def _progress(wanted: int, known: int) -> Progress:
    return Progress("judge", "judgements made", wanted, done=known, say=_log.info, tells_end=False)
