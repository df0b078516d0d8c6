"""Steps that split behind what they find against the isolating ones that they are reworded to."""

from __future__ import annotations

import json
from typing import Any

import openvino as ov
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openvino_tokenizers import convert_tokenizer
from tokenizers import Regex, Tokenizer, models
from tokenizers.pre_tokenizers import Sequence, Split
from transformers import PreTrainedTokenizerFast

from components.export.openvino.pretokenizer import isolate_split, isolating_expression
from tests.model.tiny import ROOT

LETTERS = "가a |.\n"
SHIPPED = ROOT / "components/backbones/pretrained/language_model/tokenizer.json"
STEPS: dict[str, Any] = {
    "a space, as Gemma's": Split(" ", "merged_with_previous"),
    "a sign that expressions know": Split("|", "merged_with_previous"),
    "a line": Split("a\n", "merged_with_previous"),
    "ahead": Split(Regex(" (?!(?:a|가)$)"), "merged_with_previous"),
    "behind": Split(Regex("a(?<=가a)"), "merged_with_previous"),
    "many": Split(Regex("a+(?: |가)"), "merged_with_previous"),
    "behind another": Sequence([Split(Regex("가 |a"), "isolated"), Split(Regex(" (?!a)"), "merged_with_previous")]),
    "before another": Sequence([Split(" ", "merged_with_previous"), Split(Regex(r"\.a|a"), "isolated")]),
}
TEXTS = st.text(st.sampled_from(LETTERS), max_size=24)


def tokenizer(step: Any) -> PreTrainedTokenizerFast:
    """One that merges all that a step leaves together, so that ids tell where it split."""
    merged: list[str] = sorted({a + b for a in LETTERS for b in LETTERS})
    vocabulary = {token: number for number, token in enumerate([*LETTERS, *merged])}
    made = Tokenizer(models.BPE(vocabulary, [(pair[0], pair[1]) for pair in merged]))
    made.pre_tokenizer = step
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>")  # OpenVINO converts none without


def pieces(tokenizer: PreTrainedTokenizerFast, text: str) -> Any:
    """Where its steps split."""
    return tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str(text)


class Reworded:
    """A tokenizer as it was, reworded, and in OpenVINO."""

    def __init__(self, step: Any) -> None:
        self.before, self.after = tokenizer(step), tokenizer(step)
        isolate_split(self.after)
        self._converted = ov.Core().compile_model(convert_tokenizer(self.after), "CPU")

    def ids(self, text: str) -> list[int]:
        """OpenVINO's."""
        return [int(one) for one in self._converted([text])["input_ids"][0]]


@pytest.fixture(scope="module", params=list(STEPS))
def reworded(request: pytest.FixtureRequest) -> Reworded:
    return Reworded(STEPS[request.param])


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_pieces_and_ids_stay(reworded: Reworded, text: str) -> None:
    assert "MergedWithPrevious" not in reworded.after.backend_tokenizer.to_str()
    assert pieces(reworded.after, text) == pieces(reworded.before, text)
    assert reworded.ids(text) == reworded.before(text)["input_ids"]


def test_only_the_first_of_two_is_changed() -> None:
    """OpenVINO would join them."""
    two = tokenizer(Sequence([Split(" ", "merged_with_previous"), Split("a", "merged_with_previous")]))
    isolate_split(two)
    described = json.loads(two.backend_tokenizer.to_str())["pre_tokenizer"]["pretokenizers"]
    assert [step["behavior"] for step in described] == ["Isolated", "MergedWithPrevious"]


@pytest.mark.parametrize("step", [None, Split(" ", "isolated"), Split(" ", "merged_with_next")])
def test_others_stay_as_they_are(step: Any) -> None:
    made = tokenizer(step) if step else PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE({"a": 0}, [])))
    before = made.backend_tokenizer.to_str()
    isolate_split(made)
    assert made.backend_tokenizer.to_str() == before


def step(pattern: dict[str, str], **changed: Any) -> dict[str, Any]:
    """As tokenizer.json has it."""
    return {"type": "Split", "pattern": pattern, "behavior": "MergedWithPrevious", "invert": False} | changed


@pytest.mark.parametrize(
    "expression",
    [
        *(" ?", " *", " {0,2}", "(?= )", "", "^", "[ a]*"),  # may find nothing
        *("a|", "a(?:b)|c", " |a", "a(?i)b|c"),  # alternatives would reach beyond
        *(r"a(b)\1", "a(?<name>b)", "a(?P<name>b)", "a(?1)"),  # names and references would change
        *("a.(?<=^a)", r"a\)|(b"),  # a line's beginning means something else in OpenVINO; escapes are not looked into
    ],
)
def test_what_cannot_be_seen_to_be_right_is_left(expression: str) -> None:
    assert isolating_expression(step({"Regex": expression})) is None


def test_what_is_inverted_or_empty_is_left() -> None:
    assert isolating_expression(step({"Regex": " "})) is not None
    assert isolating_expression(step({"Regex": " "}, invert=True)) is None
    assert isolating_expression(step({"String": ""})) is None


def test_shipped_tokenizer_is_one_that_is_reworded() -> None:
    described = json.loads(SHIPPED.read_text(encoding="utf-8"))["pre_tokenizer"]["pretokenizers"]
    assert [isolating_expression(one) is not None for one in described] == [False, True]
