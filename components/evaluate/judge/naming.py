"""What tells one judge from another."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from components.evaluate.judge.errors import JudgeError
from components.evaluate.judge.questions import orders
from components.evaluate.judge.template import Template
from components.evaluate.models.spec import FolderOrigin, parse_origin
from components.files.digest import folder_digest
from components.fingerprints.fingerprint import of_code
from components.params.evaluation import EndpointJudge, LocalJudge

_SHOWN_DIGITS = 12
_SAID = ("components.evaluate.judge.template",)
"""What is said counts by its words."""


def identity(judge: EndpointJudge | LocalJudge, template: Template) -> str:
    """A line that differs between any two judges whose ratings are not to be compared.

    Raises:
        JudgeError: if a local judge's folder is not there.
    """
    parts = (
        f"{judge.kind} {model_name(judge)}",
        f"temperature {judge.temperature:g}",
        f"at most {judge.max_tokens} tokens",
        f"{template.name} {template.digest[:_SHOWN_DIGITS]}",
        f"repeats {judge.repeats}",
        "both orders" if len(orders(judge, template)) > 1 else "one order",
    )
    return ", ".join(parts)


def model_name(judge: EndpointJudge | LocalJudge) -> str:
    """The judge's model by its name; one in a folder by its content, which a path does not tell."""
    if isinstance(judge, EndpointJudge):
        return judge.model
    origin = parse_origin(judge.model)
    named = _folder_name(origin.path.resolve()) if isinstance(origin, FolderOrigin) else judge.model
    return f"{named} {judge.precision}"


def store_name(judge: EndpointJudge | LocalJudge, template: Template, model: str) -> str:
    """Of the file that holds a judge's replies: all repetitions and orders, of all models' answers.

    The code that asks decides for a judge on this machine alone: what was paid for is known by what was asked.
    """
    parts = [judge.kind, model, judge.temperature, judge.max_tokens, template.digest]
    if isinstance(judge, LocalJudge):
        parts.append(of_code("components.evaluate.judge.local", without=_SAID).digest)
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@cache  # gigabytes are read for it
def _folder_name(folder: Path) -> str:
    if not folder.is_dir():
        raise JudgeError(f"evaluate.judge.model: {folder} is no folder; put a model there, or name another one")
    return f"{folder.name}@{folder_digest(folder)[:_SHOWN_DIGITS]}"
