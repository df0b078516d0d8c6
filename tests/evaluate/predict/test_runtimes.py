"""Bundles answer as other models do, without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from components.bundles.conversation import Turn
from components.bundles.runtime import answer, open_bundle
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.questions import Question
from components.evaluate.predict.runtimes import RuntimeAnswerer
from tests.bundles.said import Said
from tests.model.tiny import ROOT

LIMITS = Limits(text=12, letter=4)


@pytest.fixture
def said() -> Said:
    """Says a letter, and more."""
    return Said([" (", "B", ")", "\n왜냐", "하면", " 그림에"])


def test_a_letter_ends_its_answer(said: Said) -> None:
    (reply,) = RuntimeAnswerer(said, LIMITS).answer([Question("?", None, is_letter=True)])
    assert (reply.text, reply.tokens) == ("(B)", 4)
    assert said.is_left
    assert said.asked == [([Turn("user", "?")], 4)]


def test_a_text_does_not(said: Said) -> None:
    (reply,) = RuntimeAnswerer(said, LIMITS, system="짧게").answer([Question("?", None)])
    assert (reply.text, reply.tokens) == ("(B)\n왜냐하면 그림에", 12)
    assert said.asked == [([Turn("system", "짧게"), Turn("user", "?")], 12)]


def test_a_bundle_says_what_its_runtime_says(bundle_folder: Path, questions: list[Question]) -> None:
    asked = [questions[0], questions[-1]]
    runtime = open_bundle(bundle_folder, 1)
    replies = RuntimeAnswerer(runtime, LIMITS).answer(asked)
    assert [reply.text for reply in replies] == [answer(runtime, one.prompt, one.image, 12) for one in asked]
    for reply in replies:
        assert 0 < reply.tokens <= 12
        assert reply.seconds > 0


PROGRAM = """
import sys
from pathlib import Path
import pyarrow as pa
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelSpec
from components.evaluate.predict.limits import Limits
from components.evaluate.predict.work import answer_items, open_answerer

folder = Path(sys.argv[1])
spec = ModelSpec("int8", f"folder:{folder}", "bundle", "bundle", "cpu")
answerer = open_answerer(spec, Place(folder, "d"), Limits(4, 4), 1)
row = {"benchmark": "b", "item_id": "1", "prompt": "무엇인가요?", "image": None, "image_key": "", "is_letter": False}
print(answer_items(answerer, pa.Table.from_pylist([row])).to_pylist()[0]["tokens"], "torch" in sys.modules)
"""


def test_whoever_answers_with_a_bundle_has_no_torch(bundle_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(bundle_folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    pieces, has_torch = done.stdout.split() or ["", done.stderr]
    assert (pieces in "1234", has_torch) == (True, "False")
