"""The rules that a sample must keep."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from components.ingest.checks import Rules, check
from components.ingest.images import UnusableImage, normalise_image
from components.ingest.records import Message, Record, Rejected, Sample, StoredImage
from tests.ingest.samples import png


def record(*texts: str, images: int = 1) -> Record:
    turns = tuple(Message(("user", "assistant")[i % 2], text) for i, text in enumerate(texts))
    return Record("a", "set", (StoredImage("a.png", png()),) * images, turns, "CC0", "00")


def test_image_mark_comes_first_and_text_is_composed(rules: Rules) -> None:
    sample = check(record("무엇인가요?\n<image>", " 사과 "), rules)
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
        (("<image>" + "무엇? " * 400, "사과"), "too long"),
    ],
)
def test_refused_with_a_reason(rules: Rules, texts: tuple[str, ...], reason: str) -> None:
    outcome = check(record(*texts), rules)
    assert isinstance(outcome, Rejected) and outcome.fault == reason


def test_long_conversation_loses_its_last_turns(rules: Rules) -> None:
    turns = ["<image>그림에 쓰인 글자를 읽어 주세요.", "출구"] + ["글자는 모두 몇 자인가요?", "2"] * 40
    sample = check(record(*turns), rules)
    assert isinstance(sample, Sample)
    assert 2 < len(sample.record.conversation) < len(turns)
    assert sample.record.conversation[0].content.count("<image>") == 1
    assert sample.record.conversation[-1].role == "assistant"
    assert rules.max_length - 30 < sample.tokens <= rules.max_length


def test_image_tokens_count_once_an_image(rules: Rules) -> None:
    with_image, without = (
        check(record("<image>무엇?", "사과"), rules),
        check(record("무엇?", "사과", images=0), rules),
    )
    assert isinstance(with_image, Sample) and isinstance(without, Sample)
    assert rules.image_tokens <= with_image.tokens - without.tokens <= rules.image_tokens + 2


def test_stage_one_keeps_the_caption_only(rules: Rules) -> None:
    sample = check(record("<image>\n무엇?", "사과", "또?", "배"), replace(rules, stage="pretrain"))
    assert isinstance(sample, Sample) and len(sample.record.conversation) == 2
    assert rules.image_tokens < sample.tokens < rules.image_tokens + 6


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "CMYK", "1", "LA", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (40, 30)).save(stream, "TIFF" if mode == "CMYK" else "PNG")
    assert Image.open(io.BytesIO(normalise_image(stream.getvalue(), 96))).mode == "RGB"


def test_rotation_noted_in_the_file_is_carried_out() -> None:
    picture, stream = Image.new("RGB", (40, 20)), io.BytesIO()
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(stream, "JPEG", exif=exif)
    upright = Image.open(io.BytesIO(normalise_image(stream.getvalue(), 96)))
    assert upright.size == (20, 40) and upright.getexif().get(0x0112, 1) == 1


def test_shorter_side_is_limited_and_small_images_keep_their_bytes() -> None:
    assert Image.open(io.BytesIO(normalise_image(png((400, 200)), 96))).size == (192, 96)
    assert normalise_image(png((50, 40)), 96) == png((50, 40))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not an image", "image unreadable"),
        (png((300, 300))[:200], "image unreadable"),
        (png((4, 300)), "image too small"),
        (png((10, 900)), "image too narrow"),
    ],
)
def test_unusable_images(data: bytes, reason: str) -> None:
    with pytest.raises(UnusableImage, match=reason):
        normalise_image(data, 96)
