"""What whoever answers does with some items, wherever it runs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
from PIL import Image

from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question, Reply

if TYPE_CHECKING:
    from components.evaluate.models.places import Place
    from components.evaluate.predict.encodings import Encodings


class Answerer(Protocol):
    """Any kind of model, ready to answer."""

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """A reply a question, in their order."""


def open_answerer(
    spec: ModelSpec, place: Place, limits: Limits, threads: int, encodings: Encodings | None = None
) -> Answerer:
    """Imports what the model needs, and torch only for what torch runs."""
    if not spec.is_torchs:
        from components.evaluate.predict.runtimes import RuntimeAnswerer, open_runtime

        return RuntimeAnswerer(open_runtime(spec, place, threads), limits, spec.system)
    import torch

    from components.evaluate.models.loading import load_prepared
    from components.evaluate.predict.answerer import Answerer
    from components.stages.quiet import quiet_libraries

    quiet_libraries()
    torch.set_num_threads(threads)
    return Answerer(load_prepared(spec, place), limits, encodings)


def answer_items(answerer: Answerer, items: pa.Table) -> pa.Table:
    """Answers to items as components.evaluate.predict.window gives them."""
    rows = items.to_pylist()
    questions = [Question(row["prompt"], open_image(row["image"]), row["image_key"], row["is_letter"]) for row in rows]
    replies = answerer.answer(questions) if rows else []
    return pa.table(
        {
            "benchmark": pa.array([row["benchmark"] for row in rows], pa.string()),
            "item_id": pa.array([row["item_id"] for row in rows], pa.string()),
            "response": pa.array([reply.text for reply in replies], pa.string()),
            "seconds": pa.array([reply.seconds for reply in replies], pa.float64()),
            "tokens": pa.array([reply.tokens for reply in replies], pa.int64()),
        }
    )


def open_image(stored: dict[str, Any] | None) -> Image.Image | None:
    """The picture of an item's column ``image``."""
    return None if stored is None else Image.open(io.BytesIO(stored["bytes"])).convert("RGB")
