"""What is found of a tokenizer that OpenVINO's conversion does not match."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import openvino as ov
import pytest
from openvino_tokenizers import convert_tokenizer
from transformers import AutoTokenizer

from components.bundles.openvino import names
from components.export.openvino.tokenizer_check import TEXTS, first_difference, warn_of_difference


@pytest.fixture(scope="module")
def tokenizer(bundle_folder: Path) -> Any:
    """The bundle's, in transformers."""
    return AutoTokenizer.from_pretrained(bundle_folder)


@pytest.fixture(scope="module")
def wrong(tokenizer: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same tokenizer as OpenVINO converts it by itself: wrong on two spaces."""
    folder = tmp_path_factory.mktemp("wrong")
    ov.save_model(convert_tokenizer(tokenizer), folder / names.OV_TOKENIZER)
    return folder


def test_equal_ones_are_silent(bundle_folder: Path, tokenizer: Any, caplog: pytest.LogCaptureFixture) -> None:
    warn_of_difference(bundle_folder, tokenizer, TEXTS)
    assert not caplog.records


def test_first_text_that_differs_is_named(wrong: Path, tokenizer: Any, caplog: pytest.LogCaptureFixture) -> None:
    texts = ["한 칸", "두  칸", "세   칸"]
    assert first_difference(wrong, tokenizer, texts[:1]) is None
    assert first_difference(wrong, tokenizer, texts) == texts[1]
    with caplog.at_level(logging.WARNING):
        warn_of_difference(wrong, tokenizer, texts)
    assert "other ids than transformers' for '두  칸'" in caplog.text


def test_text_that_openvino_fails_on_differs(wrong: Path, tokenizer: Any) -> None:
    assert first_difference(wrong, tokenizer, ["가   "]) == "가   "


def test_fixed_texts_tell(wrong: Path, tokenizer: Any) -> None:
    assert first_difference(wrong, tokenizer, TEXTS) in TEXTS
