"""Cases and settings for judges in tests."""

from __future__ import annotations

from typing import Any

from components.evaluate.judge.cases import Case
from components.evaluate.judge.template import Template, load_template
from components.params.evaluation import EndpointJudge

PAIR: Template = load_template("llava-w", {})
VERDICT: Template = load_template("same-meaning", {})


def case(number: int, **fields: str) -> Case:
    """A case unlike those of other numbers."""
    texts = {
        "caption": "식탁 위에 김치찌개가 놓여 있다.",
        "question": f"{number}번 그림에 무엇이 있나요?",
        "reference": f"김치찌개 {number} 그릇입니다.",
        "answer": f"찌개 {number} 그릇이 있습니다.",
    }
    return Case(f"i{number}", texts | fields)


def endpoint(address: str, **changed: Any) -> EndpointJudge:
    """A judge at an address."""
    values: dict[str, Any] = {
        "kind": "endpoint",
        "base_url": address,
        "model": "judge-2026-01-01",
        "key_env": None,
        "timeout_s": 30.0,
        "concurrency": 2,
        "max_attempts": 2,
        "price": None,
        "temperature": 0.0,
        "max_tokens": 64,
        "repeats": 1,
        "swap": False,
        "min_coverage": 0.9,
        "templates": {},
    }
    return EndpointJudge.model_validate(values | changed)
