"""What the demo's conversation sets share: LLaVA rows, lettered questions, benchmark rows."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from components.ingest.records import IMAGE_MARK
from components.prompts.choice import LETTERS

QuestionAnswer = tuple[str, str]


def positions(rng: random.Random) -> Iterator[int]:
    """Places for right options: at random, yet each of the four equally often."""
    while True:
        yield from rng.sample(range(len(LETTERS)), len(LETTERS))


def conversation(rng: random.Random, turns: Sequence[QuestionAnswer], image: bool) -> list[dict[str, str]]:
    """LLaVA's list of turns; the image's mark stands before or after the first question, as in its data."""
    rows = []
    for index, (question, answer) in enumerate(turns):
        if image and index == 0:
            question = rng.choice((f"{IMAGE_MARK}\n{question}", f"{question}\n{IMAGE_MARK}"))
        rows += [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    return rows


def write_json(path: Path, content: Any) -> None:
    """JSON with Hangul as Hangul."""
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def write_lines(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """``items.jsonl``."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "items.jsonl").write_text(text, encoding="utf-8")
