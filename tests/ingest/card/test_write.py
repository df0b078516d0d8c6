"""The card of three small sources: its numbers, its text, its pictures, and the same bytes every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from components.ingest.card.write import write_card
from tests.ingest.card.small_set import CAT_TURNED, LICENCES, SmallSet, small_set, write_shard


def written(folder: Path, data: SmallSet) -> dict[str, Any]:
    """The card, read again."""
    write_shard(folder, "pretrain", "captions", 2)
    write_shard(folder, "finetune", "chat", 1)
    write_card(folder, "demo", data.notes, data.selection, data.mixtures, LICENCES)
    card: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return card


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the card of the small set lies."""
    target = tmp_path_factory.mktemp("card")
    written(target, small_set())
    return target


@pytest.fixture(scope="module")
def card(folder: Path) -> dict[str, Any]:
    """card.json of the small set."""
    content: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return content


def test_rows_that_are_read_are_kept_refused_or_removed(card: dict[str, Any]) -> None:
    captions, chat, signs = card["sources"]
    assert [source["name"] for source in card["sources"]] == ["captions", "chat", "signs"]
    assert {key: captions[key] for key in ("stage", "origin", "reader", "licence")} == {
        "stage": "pretrain",
        "origin": "folder:.",
        "reader": "llava",
        "licence": "cc0",
    }
    assert [captions[key] for key in ("read", "kept", "refused")] == [5, 2, 2]
    assert captions["reasons"] == {"image missing": 2} and captions["first_refused"] == {"image missing": "c1"}
    assert captions["removed"] == {"leak: same image": 1}
    assert [chat[key] for key in ("read", "kept", "refused")] == [5, 2, 0]
    assert chat["removed"] == {"duplicate: exact": 1, "leak: near image": 1, "leak: same image": 1}
    assert [signs[key] for key in ("read", "kept", "refused")] == [1, 0, 1]


def test_what_is_kept_is_measured(card: dict[str, Any]) -> None:
    captions, chat, signs = card["sources"]
    assert captions["splits"]["train"] == {
        "samples": 2,
        "images": 2,
        "tokens": 30,
        "bytes": 2000,
        "turns": 2,
        "mean_tokens": 15.0,
    }
    assert captions["splits"]["test"]["samples"] == 0 and captions["splits"]["test"]["mean_tokens"] is None
    assert captions["languages"] == {"korean": 1, "mixed": 1, "other": 0}
    assert chat["splits"]["train"]["images"] == 2 and chat["splits"]["train"]["bytes"] == 6000
    assert {key: chat["tokens"][key] for key in ("p5", "p50", "p95", "max")} == {
        "p5": 30,
        "p50": 30,
        "p95": 30,
        "max": 100,
    }
    edges, counts = chat["tokens"]["histogram"].values()
    assert edges == list(range(0, 121, 6)) and [place for place, count in enumerate(counts) if count] == [5, 16]
    assert chat["turns"]["max"] == 2 and chat["image_sides"]["width"]["p50"] == 96
    assert signs["tokens"] is None and signs["image_sides"] == {"width": None, "height": None}


def test_the_mixture_in_samples_and_tokens(card: dict[str, Any]) -> None:
    assert card["sources"][0]["mixture"] == {"samples": 2, "epoch": 4, "tokens": 60}
    chat, signs = card["mixture"]["finetune"]
    assert chat == {
        "source": "chat",
        "samples": 2,
        "epoch": 1,
        "tokens": 65,
        "sample_share": 1.0,
        "token_share": 1.0,
        "times_shown": 0.5,
    }
    assert signs["sample_share"] == signs["times_shown"] == 0.0
    assert [part["times_shown"] for part in card["mixture"]["pretrain"]] == [2.0]


def test_duplicates_and_leaks(card: dict[str, Any]) -> None:
    assert card["duplicates"] == {"exact": 1, "near": 0, "removed": 1}
    assert {"source": "chat", "earlier": "captions", "images": 2} in card["shared_images"]
    assert card["leaks"] == [
        {
            "benchmark": "bench",
            "items": 2,
            "same_image": 2,
            "near_image": 0,
            "same_question": 0,
            "samples": 3,
            "removed": 3,
            "questions_also_in_training": 1,
        }
    ]
    assert card["benchmarks"] == [{"name": "bench", "items": 2, "images_also_in_training": 0}]


def test_an_item_that_is_nearly_shown_counts_apart(tmp_path: Path) -> None:
    data = small_set(shown=CAT_TURNED)
    leak = written(tmp_path, data)["leaks"][0]
    assert (leak["same_image"], leak["near_image"], leak["samples"]) == (1, 1, 3)


def test_leaks_that_stay_are_counted_in_training(tmp_path: Path) -> None:
    card = written(tmp_path, small_set(remove_leaks=False))
    assert card["benchmarks"][0]["images_also_in_training"] == 2
    assert (card["leaks"][0]["samples"], card["leaks"][0]["removed"]) == (3, 0)
    assert card["sources"][0]["kept"] == 3 and card["sources"][0]["removed"] == {}


def test_the_text_warns_first_and_says_why(folder: Path) -> None:
    text = (folder / "card.md").read_text(encoding="utf-8")
    warning = text[: text.index("## 출처")]
    assert "NON-COMMERCIAL" in warning and "**chat** (CC BY-NC 4.0)" in warning and "must not be sold" in warning
    assert "CHECK BEFORE COMMERCIAL USE" in warning and "**signs** (AI Hub 데이터 이용정책)" in warning
    assert "captions" not in warning
    assert "| captions | image missing | 2 | `c1` |" in text
    assert "| chat | 2 | 1 | 65 | 100.0% | 100.0% | 0.5 |" in text
    assert "| bench | 2 | 2 | 0 | 0 | 3 | 3 | 1 | 0 |" in text
    assert "[CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/)" in text
    assert "![혼합 비율](mixture.png)" in text and "![captions](examples/captions-1.jpg)" in text


def test_all_that_the_text_shows_is_there(folder: Path, card: dict[str, Any]) -> None:
    examples = [source["examples"] for source in card["sources"]]
    assert [[example["id"] for example in shown] for shown in examples] == [
        ["captions-0", "captions-1"],
        ["chat-0"],
        [],
    ]
    assert examples[1][0]["picture"] is None and examples[1][0]["images"] == 0
    with Image.open(folder / examples[0][1]["picture"]) as picture:
        picture.load()
        assert picture.format == "JPEG" and picture.size == (320, 160)
    with Image.open(folder / "mixture.png") as picture:
        picture.load()
        assert picture.info.keys() <= {"dpi"}


def test_the_same_data_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    written(tmp_path, small_set())
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in files)
