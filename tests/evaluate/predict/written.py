"""Questions as a benchmark's file."""

from __future__ import annotations

import io
from pathlib import Path

from components.evaluate.predict.questions import Question
from tests.evaluate.world import write_items
from tests.scoring.world import item


def write_questions(file: Path, questions: list[Question], copies: int) -> list[str]:
    """Each question so many times, with another ending each time. Gives the items' ids."""
    rows = []
    for copy in range(copies):
        for number, question in enumerate(questions):
            image = None
            if question.image is not None:
                stream = io.BytesIO()
                question.image.save(stream, "PNG")
                image = {"bytes": stream.getvalue(), "path": "p.png"}
            more = {"image": image, "prompt": f"{question.prompt} {copy}", "layout": "k-dtcbench"}
            rows.append(item(f"{copy}-{number}", "A", **more))
    write_items(file, rows)
    return [row["item_id"] for row in rows]
