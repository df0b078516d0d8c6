"""The card in a bundle's folder: read by the hub's own reader, and its lines of code run as they stand."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from components.bundles.manifest import Manifest, check_bundle, files_of, write_manifest
from components.export.card.licences import DATA_CARD, licences_of
from components.export.card.notice import NOTICE
from components.export.card.write import CARD, LLAMA_CPP, write_card
from components.params.schema import Params
from components.scenes.words import Sign, Word
from components.stages.paths import BACKBONES
from tests.export.card.bundles import CLIP, HYPERCLOVA, QUALITY, SPEED, hub, manifest, recipe, with_backbones
from tests.model.tiny import params

LANGUAGE_MODEL, PROJECTOR = "language_model-Q8_0.gguf", "projector-F16.gguf"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project without anything, so that only what a test puts there is told."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a bundle of no particular format."""
    made = tmp_path / "bundle"
    made.mkdir()
    return made


def card(folder: Path, told: Manifest, made_with: Params) -> str:
    """The text of a card."""
    write_card(folder, told, made_with)
    return (folder / CARD).read_text(encoding="utf-8")


def front_matter(text: str) -> Any:
    """As the hub's own reader understands it."""
    return ModelCard(text).data


def gguf(folder: Path, made_with: Params) -> str:
    """The text of a card of a GGUF bundle."""
    for name in (LANGUAGE_MODEL, PROJECTOR):
        (folder / name).write_bytes(bytes(200_000))
    return card(folder, manifest(format="gguf", weights="Q8_0"), made_with)


def blocks(text: str, language: str) -> list[str]:
    """Code of a kind, in order."""
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_lines_for_openvino_run_as_they_stand(bundle_folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(bundle_folder, tmp_path / "copy"))
    text = card(copied, manifest(format="openvino", weights="fp16"), params())
    english, korean = blocks(text, "python")
    assert english == korean
    assert len(english.splitlines()) == 3
    Sign((Word("출구", 30, 60, 48, "NanumGothic"),), 0).draw().save(copied / "picture.jpg")
    done = subprocess.run([sys.executable, "-c", english], cwd=copied, capture_output=True, text=True, check=True)
    assert done.stdout.strip()


def test_whole_bundle_holds_its_card(bundle_folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(bundle_folder, tmp_path / "copy"))
    told = manifest(licences=licences_of(params()))
    write_card(copied, told, params())
    write_manifest(copied, told.model_copy(update={"files": files_of(copied)}))
    assert {CARD, NOTICE} <= check_bundle(copied).files.keys()


def test_lines_for_llama_cpp_name_the_files(folder: Path) -> None:
    text = gguf(folder, params())
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    assert len(lines) == 4  # two in each language
    assert all(f"-m {LANGUAGE_MODEL} --mmproj {PROJECTOR}" in line for line in lines)
    assert {line.split()[0] for line in lines} == {"llama-mtmd-cli", "llama-server"}
    assert not blocks(text, "python")


@pytest.mark.parametrize("use_cls", [True, False])
def test_card_says_which_llama_cpp_is_right(folder: Path, use_cls: bool) -> None:
    text = gguf(folder, recipe(use_cls=use_cls))
    assert text.count("25844") == (2 if use_cls else 0)
    assert ("every version" in text) is not use_cls


def test_front_matter_is_what_the_hub_reads(folder: Path) -> None:
    data = front_matter(card(folder, manifest(), recipe()))
    assert data.language == "ko"
    assert data.pipeline_tag == "image-text-to-text"
    assert data.library_name == "openvino"
    assert (data.license, data.license_name) == ("other", "hyperclovax-seed")
    assert data.base_model == [CLIP, HYPERCLOVA]
    assert data.model_name.startswith("HyperCLOVA X ")
    assert "openvino" in data.tags


def test_front_matter_names_data_sets_of_the_hub(folder: Path, tmp_path: Path) -> None:
    origins = [
        f"hub:someone/photos@{'b' * 40}/part.zip",
        "hub:other/texts",
        "hub:other/texts/a.json",
        "folder:data/own",
    ]
    (tmp_path / DATA_CARD).parent.mkdir(parents=True)
    content = {"sources": [{"origin": origin} for origin in origins], "licences": {}}
    (tmp_path / DATA_CARD).write_text(json.dumps(content), encoding="utf-8")
    data = front_matter(card(folder, manifest(), params()))
    assert data.datasets == ["other/texts", "someone/photos"]


def test_demo_has_no_base_models(folder: Path) -> None:
    text = card(folder, manifest(), params())
    assert front_matter(text).base_model is None
    assert "HyperCLOVA" not in text
    assert "toy world" in text and "장난감 세계" in text


def test_hyperclova_is_shown_prominently_in_both_languages(folder: Path) -> None:
    text = card(folder, manifest(), recipe())
    english, korean = text.split('<a id="한국어"></a>')
    for part in (english, korean):
        body = part.split("---")[-1] if part is english else part
        head = body.split("##")[0] if part is korean else part.split("\n## ")[0]
        assert "**Powered by HyperCLOVA X**" in head
        assert "# HyperCLOVA X " in head


def test_notice_holds_what_licences_want(folder: Path) -> None:
    write_card(folder, manifest(), recipe())
    text = (folder / NOTICE).read_text(encoding="utf-8")
    assert text.startswith("HyperCLOVA X ")
    assert "Powered by HyperCLOVA X" in text
    assert "is licensed under the HyperCLOVA X SEED Model License Agreement, Copyright © NAVER Corp." in text
    assert "Copyright (c) 2021 OpenAI" in text and "THE SOFTWARE IS PROVIDED" in text
    assert "modified" in text


def test_licence_that_came_with_a_backbone_is_handed_on(folder: Path) -> None:
    missing = "The licence's text is missing here"
    assert missing in card(folder, manifest(), recipe())
    beside = BACKBONES / "language_model"
    beside.mkdir(parents=True)
    (beside / "LICENSE").write_text("The agreement.", encoding="utf-8")
    (beside / "config.json").write_text("{}", encoding="utf-8")
    text = card(folder, manifest(), recipe())
    assert missing not in text
    assert (folder / "language_model-LICENSE").read_text(encoding="utf-8") == "The agreement."
    assert text.count("language_model-LICENSE") == 2
    assert not list(folder.glob("*config.json"))


def test_unknown_licence_is_told_and_not_guessed(folder: Path) -> None:
    text = card(folder, manifest(), with_backbones(hub(CLIP), hub("someone/unknown")))
    assert front_matter(text).license_name == "see-readme"
    assert "(hub:someone/unknown): not known." in text
    assert "(hub:someone/unknown): 알 수 없음." in text


def test_data_licences_are_carried(folder: Path, tmp_path: Path) -> None:
    assert "there was no data card" in card(folder, manifest(), params())
    terms = {
        "title": "CC BY-NC",
        "commercial": "no",
        "conditions": {"en": "Not sold.", "ko": "비영리."},
        "link": "https://l",
    }
    (tmp_path / DATA_CARD).parent.mkdir(parents=True)
    content = {"sources": [{"name": "photos", "licence": "nc", "origin": "folder:p"}], "licences": {"nc": terms}}
    (tmp_path / DATA_CARD).write_text(json.dumps(content), encoding="utf-8")
    text = card(folder, manifest(), params())
    assert "- **data** (photos): [CC BY-NC](https://l). Not sold." in text
    assert "- **데이터** (photos): [CC BY-NC](https://l). 비영리." in text
    assert "Not sold." in (folder / NOTICE).read_text(encoding="utf-8")


def test_measured_figures_stand_in_both_languages(folder: Path) -> None:
    refused = [{"form": "int8", "reasons": ["kl_mean: found 0.02"]}]
    text = card(folder, manifest(quality=QUALITY, speed=SPEED, form="int8-7of8", refused_forms=refused), params())
    english, korean = text.split('<a id="한국어"></a>')
    assert "connector: int8, the most sensitive eighth of the layers in fp16. Faster forms broke" in english
    assert "int8, 민감한 층 1/8은 fp16. 더 빠른 형태는" in korean
    for half in (english, korean):
        assert "kl\\_mean: found 0.02" in half and "some\\_CPU" in half and "AVX-512 VNNI" in half
    assert "### Next-token distributions" in english and "### 다음 토큰의 분포" in korean
    assert (
        "| int8 | with VNNI | vision | 0.000222 | 0.0117 |" in english
        and "| int8 | VNNI 있음 | 그림 | 0.000222 | 0.0117 |" in korean
    )
    assert "| int8 | yes | 12.50 | 14.25 |" in english and "| int8 | 있음 | 12.50 | 14.25 |" in korean
    assert "Not measured" not in text and "재지 않았다" not in text


def test_the_llama_cpp_at_hand_is_judged_in_both_languages(folder: Path) -> None:
    told = {"reason": "refused: cosine of image tokens 0.9", "right_versions": "right on others", "verified": False}
    text = card(folder, manifest(quality=QUALITY | {LLAMA_CPP: told}, speed=SPEED), params())
    assert text.count("refused: cosine of image tokens 0.9. right on others.") == 2


def test_what_was_not_measured_says_so(folder: Path) -> None:
    text = card(folder, manifest(), params())
    assert text.count("Not measured: ") == 2
    assert text.count("재지 않았다: ") == 2


def test_source_is_told(folder: Path) -> None:
    source: dict[str, Any] = {
        "git": {"revision": "c" * 40, "dirty": True},
        "dvc": {"artifacts/finetune/model": "m.dir"},
        "model": "d" * 64,
        "versions": {"openvino-genai": "2026.4.1.0"},
    }
    text = card(folder, manifest(source=source), params())
    assert text.count(f"git {'c' * 40}") == 2
    assert "with changes that were not committed" in text
    assert "| artifacts/finetune/model | m.dir |" in text
    assert "openvino-genai 2026.4.1.0" in text
    assert "None" not in card(folder, manifest(source=source | {"git": None, "dvc": {}}), params())


def test_sizes_count_all_files_but_the_card(folder: Path) -> None:
    (folder / "openvino_language_model.bin").write_bytes(bytes(2_000_000))
    (folder / "openvino_language_model.xml").write_bytes(bytes(500_000))
    for _ in range(2):  # written anew, the card does not count itself
        text = card(folder, manifest(), params())
    assert "| openvino\\_language\\_model | 2.5 |" in text
    assert "| all files | 2.5 |" in text


def test_preprocessing_is_the_bundles(bundle_folder: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(bundle_folder, tmp_path / "copy"))
    text = card(copied, manifest(), params())
    assert "the shorter side becomes 96 pixels (bicubic)" in text
    assert "mean 0.48145466, 0.4578275, 0.40821073 is taken off" in text
    assert "A picture takes 36 tokens." in text
