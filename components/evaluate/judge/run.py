"""Cases in, ratings out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from components.evaluate.judge.cases import Case, Judged
from components.evaluate.judge.keeper import Keeper
from components.evaluate.judge.naming import model_name, store_name
from components.evaluate.judge.questions import Question, questions_of
from components.evaluate.judge.replies import Keep
from components.evaluate.judge.store import Store
from components.evaluate.judge.template import Template
from components.evaluate.judge.usage import Usage
from components.params.evaluation import EndpointJudge, LocalJudge

_log = logging.getLogger(__name__)


def judge(
    cases: Sequence[Case], settings: EndpointJudge | LocalJudge, template: Template, scratch: Path
) -> tuple[list[Judged], Usage]:
    """Have answers rated. What an earlier run has been told is not asked again, whoever's answer it was about.

    Args:
        cases: of one or of several models.
        settings: ``evaluate.judge``.
        template: of load_template.
        scratch: folder in which replies are kept, as ``judgements/<digest>.jsonl``.

    Returns:
        A Judged for each case, in their order, and what the run took. A judgement that failed is in no rating.

    Raises:
        JudgeError: if the judge cannot be asked at all, or a case lacks a field; replies that have come are kept.
    """
    model = model_name(settings)
    questions = [list(questions_of(case, settings, template, model)) for case in cases]
    price = settings.price if isinstance(settings, EndpointJudge) else None
    with Store(scratch / "judgements" / f"{store_name(settings, template, model)}.jsonl") as store:
        keeper = Keeper(store, template, model, price)
        left = keeper.open_questions(question for asked in questions for question in asked)
        if left:
            _log.info("judge: %d judgements to make, %d known", len(left), keeper.usage.stored)
            _open(settings, scratch).answer(left, keeper.keep)
    _log.info("judge: %s", keeper.usage)
    return [_judged(case, asked, keeper) for case, asked in zip(cases, questions, strict=True)], keeper.usage


class _Judge(Protocol):
    def answer(self, questions: Sequence[Question], keep: Keep) -> None: ...


def _open(settings: EndpointJudge | LocalJudge, scratch: Path) -> _Judge:
    # Imported here: neither is needed where all is known, and torch by the local one alone.
    if isinstance(settings, EndpointJudge):
        from components.evaluate.judge.endpoint import Endpoint

        return Endpoint(settings)
    from components.evaluate.judge.local import LocalModel

    return LocalModel(settings, scratch)


def _judged(case: Case, questions: Sequence[Question], keeper: Keeper) -> Judged:
    judged = Judged(case.item_id, len(questions))
    for question in questions:
        rating = keeper.ratings.get(question.key)
        if rating is None:
            judged.failures[keeper.reasons[question.key]] += 1
        else:
            judged.ratings.append(rating[::-1] if question.is_swapped else rating)
            judged.repeats.append(question.repeat)
    return judged
