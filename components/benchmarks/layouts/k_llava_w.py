"""NCSOFT/K-LLaVA-W: 60 open questions on 24 pictures, rated by a judge beside a reference answer."""

from __future__ import annotations

from collections.abc import Iterator

from components.archives.files import Files
from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import Item
from components.benchmarks.reading import Row, embedded_picture, field, table_rows
from components.scoring.judged import score_beside_reference


def read(files: Files) -> Iterator[Item]:
    """Columns: question_id, question, image, caption, gpt_answer, category. The question alone is the prompt."""
    for row in table_rows(files):
        yield Item(
            item_id=str(field(row, "question_id")),
            image=embedded_picture(row),
            prompt=field(row, "question"),
            references=(field(row, "gpt_answer"),),
            context=_caption(row),
            category=str(field(row, "category")),
        )


def _caption(row: Row) -> str:
    caption = field(row, "caption")
    return "\n".join(caption) if isinstance(caption, list) else str(caption)


BENCHMARK = Benchmark(
    "open", "question-alone-1", read, score_beside_reference, parser_version="none", judge_template="llava-w"
)
