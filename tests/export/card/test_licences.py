"""What licences ask, and what is not known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from components.export.card import licences
from components.export.card.licences import DATA_CARD, Terms, licences_of
from tests.export.card.bundles import CLIP, HYPERCLOVA, hub, recipe, with_backbones
from tests.model.tiny import params

LISTED = Path(licences.__file__).with_suffix(".yaml")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a data card."""
    monkeypatch.chdir(tmp_path)


def test_every_entry_fits_its_fields() -> None:
    known = TypeAdapter(dict[str, Terms]).validate_python(YAML(typ="safe").load(LISTED.read_text(encoding="utf-8")))
    assert {f"hub:{CLIP}", f"hub:{HYPERCLOVA}", "shipped:image_encoder", "shipped:language_model"} <= known.keys()
    assert all(terms.conditions.en and terms.conditions.ko and terms.source for terms in known.values())


def test_hyperclova_wants_its_name_first_and_its_sentence() -> None:
    found = licences_of(recipe())
    assert found["name"].startswith("HyperCLOVA X ")
    assert found["shown"] == ["Powered by HyperCLOVA X"]
    part = found["parts"]["language_model"]
    assert part["origin"] == f"hub:{HYPERCLOVA}"
    assert part["revision"] == "a" * 40
    assert "HyperCLOVA X SEED Model License Agreement, Copyright © NAVER Corp." in part["notice"]
    assert part["text_needed"]


def test_demo_wants_neither() -> None:
    found = licences_of(params())
    assert "HyperCLOVA" not in json.dumps(found)
    assert found["shown"] == []


@pytest.mark.parametrize(
    "backbone",
    [hub("someone/unknown"), hub(f"{HYPERCLOVA}-v2"), hub(f"someone/{HYPERCLOVA.split('/')[1]}")],
)
def test_unknown_backbone_is_not_guessed(backbone: dict[str, str]) -> None:
    part = licences_of(with_backbones(hub(CLIP), backbone))["parts"]["language_model"]
    assert part["title"] == "not known"
    assert (part["link"], part["identifier"], part["notice"], part["name_prefix"]) == (None, None, None, None)
    assert "before you use" in part["check"]["en"]


def test_folder_is_told_by_its_name_alone() -> None:
    folder = {"origin": "folder", "path": "/home/somebody/models/my-llama"}
    found = licences_of(with_backbones(hub(CLIP), folder))
    assert found["parts"]["language_model"]["origin"] == "folder:my-llama"
    assert "somebody" not in json.dumps(found)


def test_data_licences_are_those_of_the_data_card(tmp_path: Path) -> None:
    assert licences_of(params())["data"] == {}
    terms = {
        "title": "CC BY 4.0",
        "commercial": "yes",
        "conditions": {"en": "Credit.", "ko": "출처."},
        "link": "https://x",
    }
    sources = [{"name": name, "licence": licence} for name, licence in (("a", "cc"), ("b", "other"), ("c", "cc"))]
    (tmp_path / DATA_CARD).parent.mkdir(parents=True)
    (tmp_path / DATA_CARD).write_text(
        json.dumps({"sources": sources, "licences": {"cc": terms, "other": terms}}), encoding="utf-8"
    )
    found = licences_of(params())["data"]
    assert {name: licence["sources"] for name, licence in found.items()} == {"cc": ["a", "c"], "other": ["b"]}
    assert found["cc"]["conditions"]["ko"] == "출처."
    shutil.rmtree(tmp_path / DATA_CARD.parent)
