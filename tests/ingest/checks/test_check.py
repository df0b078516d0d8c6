"""The rules that a sample must keep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.archives.files import Files
from components.ingest.checks.check import Sample, check_all
from components.ingest.checks.rules import Rules
from components.ingest.records import ImageRef, Message, Record, Rejected
from tests.ingest.samples import png

NO_FILES: Files = None  # type: ignore[assignment]


def record(*texts: str, images: int = 1) -> Record:
    turns = tuple(Message(("user", "assistant")[i % 2], text) for i, text in enumerate(texts))
    return Record("a", "set", (ImageRef("a.png", png()),) * images, turns, "CC0", "")


def checked(entry: Record, rules: Rules) -> list[Sample | Rejected]:
    """Images are within the records here."""
    return check_all([entry], NO_FILES, rules)


def test_image_mark_comes_first_and_text_is_composed(rules: Rules) -> None:
    (sample,) = checked(record("무엇인가요?\n<image>", " 사과 "), rules)
    assert isinstance(sample, Sample)
    assert [turn.content for turn in sample.record.conversation] == ["<image>\n무엇인가요?", "사과"]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (("<image>무엇?", "  "), "empty answer"),
        (("<image>무엇?", "사과", " ", "배"), "empty question"),
        (("무엇?", "사과"), "image marks and images differ"),
        (("<image><image>무엇?", "사과"), "image marks and images differ"),
        (("<image>무엇?",), "roles do not alternate"),
        ((), "no turns"),
        (("무엇?", "<image>"), "image mark in an answer"),
        (("<image>무엇?<|im_end|>", "사과"), "special token in the text"),
        (("<image>어디?", "[0.50,0.10,0.20,0.90]"), "box outside the image or empty"),
        (("<image>어디?", "[0.50,0.10,1.20,0.90]"), "box outside the image or empty"),
        (("<image>무엇?", "ì•ˆë…•í•˜ì„¸ìš”"), "text in a wrong encoding"),
        (("<image>" + "무엇? " * 400, "사과"), "too long"),
    ],
)
def test_refused_with_a_reason(rules: Rules, texts: tuple[str, ...], reason: str) -> None:
    (outcome,) = checked(record(*texts), rules)
    assert isinstance(outcome, Rejected) and outcome.fault == reason


def test_long_conversation_loses_its_last_turns(rules: Rules) -> None:
    turns = ["<image>그림에 쓰인 글자를 읽어 주세요.", "출구"] + ["글자는 모두 몇 자인가요?", "2"] * 40
    (sample,) = checked(record(*turns), rules)
    assert isinstance(sample, Sample)
    assert 2 < len(sample.record.conversation) < len(turns)
    assert sample.record.conversation[0].content.count("<image>") == 1
    assert sample.record.conversation[-1].role == "assistant"
    assert rules.max_length - 30 < sample.tokens <= rules.max_length


def test_image_tokens_count_once_an_image(rules: Rules) -> None:
    given = [record("<image>무엇?", "사과"), record("무엇?", "사과", images=0)]
    with_image, without = check_all(given, NO_FILES, rules)
    assert isinstance(with_image, Sample) and isinstance(without, Sample)
    assert rules.image_tokens <= with_image.tokens - without.tokens <= rules.image_tokens + 2


def test_stage_one_keeps_the_caption_only(rules: Rules) -> None:
    (sample,) = checked(record("<image>\n무엇?", "사과", "또?", "배"), replace(rules, stage="pretrain"))
    assert isinstance(sample, Sample) and len(sample.record.conversation) == 2
    assert rules.image_tokens < sample.tokens < rules.image_tokens + 6


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("[0.10,0.20,0.50,1.02]", "[0.10,0.20,0.50,1.00]"),
        ("[-0.02,0.2,0.5,0.6] 그리고 [0.1,0.1,0.2,0.2]", "[0.00,0.20,0.50,0.60] 그리고 [0.1,0.1,0.2,0.2]"),
        ("[1, 2, 3, 4]", "[1, 2, 3, 4]"),
    ],
)
def test_boxes_a_little_outside_are_cut_at_the_edge(rules: Rules, answer: str, kept: str) -> None:
    (sample,) = checked(record("<image>어디?", answer), rules)
    assert isinstance(sample, Sample) and sample.record.conversation[1].content == kept


def test_numbers_in_text_without_an_image_are_no_boxes(rules: Rules) -> None:
    (sample,) = checked(record("수열은?", "[0.5, 1.5, 2.5, 3.5]", images=0), rules)
    assert isinstance(sample, Sample)


def test_each_record_has_its_own_outcome_in_order(rules: Rules) -> None:
    given: list[Record | Rejected] = [
        record("<image>무엇?", "사과"),
        Rejected("set", "b", "no turns"),
        record("<image>무엇?", ""),
        record("무엇?", "배", images=0),
    ]
    outcomes = check_all(given, NO_FILES, rules)
    assert [type(outcome) for outcome in outcomes] == [Sample, Rejected, Rejected, Sample]


def test_a_file_that_is_no_image_is_refused(rules: Rules) -> None:
    damaged = replace(record("<image>무엇?", "사과"), images=(ImageRef("a.png", b"not an image"),))
    (outcome,) = checked(damaged, rules)
    assert isinstance(outcome, Rejected) and outcome.reason == "image unreadable: UnidentifiedImageError"
