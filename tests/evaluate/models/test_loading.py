"""Every kind of model behind the one interface: batches, number formats, prompts, digests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import LlavaForConditionalGeneration

from components.evaluate.models.loaded import Loaded
from components.evaluate.models.loading import load, prepare
from components.evaluate.models.spec import Layout, ModelError, Precision
from components.files.digest import folder_digest
from tests.evaluate.models.parts import picture, spec

LAYOUTS: dict[str, Layout] = {
    "own": "own",
    "llava-transformers": "transformers",
    "idefics3": "transformers",
    "llava-original": "llava",
}
QUESTIONS = [
    "무엇?",
    "그림에 무엇이 있나요? 자세히 설명하세요.",
    "바다",
    "산이 어디에 있는지, 사용자가 이해할 수 있게 말하세요.",
]
PICTURES = [picture(40, 30, 1), picture(33, 48, 2), picture(32, 32, 3), picture(90, 20, 4)]

Images = Sequence[Image.Image | None]


def inputs(loaded: Loaded, questions: Sequence[str], images: Images) -> Any:
    """As the evaluation asks for them."""
    texts = [loaded.chat(question, image is not None) for question, image in zip(questions, images, strict=True)]
    shown = [[image] for image in images if image is not None]
    batch = loaded.processor(images=shown or None, text=texts, padding=True, return_tensors="pt")
    return batch.to(loaded.model.device, dtype=loaded.dtype)


def answers(loaded: Loaded, images: Images, batch: int) -> list[str]:
    """To all questions, ``batch`` at a time."""
    texts: list[str] = []
    for start in range(0, len(QUESTIONS), batch):
        taken = slice(start, start + batch)
        texts += loaded.texts(loaded.generate(inputs(loaded, QUESTIONS[taken], images[taken]), max_new_tokens=10))
    return texts


@pytest.fixture(scope="module", params=LAYOUTS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of model."""
    return request.param


@pytest.fixture(scope="module")
def loaded(kind: str, folders: dict[str, Path], scratch: Path) -> Loaded:
    """It, in fp32."""
    return load(spec(folders[kind], LAYOUTS[kind]), scratch)


@pytest.mark.parametrize("images", [PICTURES, [None] * 4], ids=["image", "text"])
def test_answers_do_not_depend_on_the_batch(loaded: Loaded, images: Images) -> None:
    alone = answers(loaded, images, 1)
    assert alone == answers(loaded, images, 4) == answers(loaded, images, 3)
    assert len(set(alone)) == 4


def test_the_picture_matters(loaded: Loaded) -> None:
    batch = inputs(loaded, ["무엇?"] * 4, PICTURES)
    with torch.no_grad():
        logits = loaded.model(**batch).logits[:, -1]
    assert len({tuple(row.tolist()) for row in logits}) == 4


def test_a_system_prompt_is_said(kind: str, folders: dict[str, Path], scratch: Path) -> None:
    told = load(spec(folders[kind], LAYOUTS[kind], system="짧게 답하세요."), scratch)
    prompt = told.chat("무엇?", True)
    assert prompt.index("짧게 답하세요.") < prompt.index("무엇?")


def test_the_beginning_is_marked_once(loaded: Loaded) -> None:
    tokens = inputs(loaded, ["무엇?"], [None])["input_ids"][0].tolist()
    beginning = loaded.processor.tokenizer.bos_token_id
    assert tokens.count(beginning) <= 1
    assert tokens.index(beginning) == 0 if beginning in tokens else True


@pytest.mark.parametrize(("precision", "least"), [("bf16", 0.999), ("int8", 0.99), ("int4", 0.9)])
def test_number_formats_come_close(
    kind: str, loaded: Loaded, folders: dict[str, Path], scratch: Path, precision: Precision, least: float
) -> None:
    other = load(spec(folders[kind], LAYOUTS[kind], precision), scratch)
    with torch.no_grad():
        logits = [m.model(**inputs(m, QUESTIONS, PICTURES)).logits[:, -1].float().flatten() for m in (loaded, other)]
    assert least < float(torch.corrcoef(torch.stack(logits))[0, 1]) < 1
    assert len(answers(other, PICTURES, 4)) == 4


@pytest.mark.parametrize(("precision", "layer"), [("int8", "Linear8bitLt"), ("int4", "Linear4bit")])
def test_only_the_language_model_is_quantised(
    kind: str, folders: dict[str, Path], scratch: Path, precision: Precision, layer: str
) -> None:
    model = load(spec(folders[kind], LAYOUTS[kind], precision), scratch).model
    kinds = {name: type(module).__name__ for name, module in model.named_modules() if hasattr(module, "in_features")}
    inside = {name for name in kinds if ".layers." in name and ("language_model" in name or "text_model" in name)}
    assert inside
    assert {kinds[name] for name in inside} == {layer}
    assert {kinds[name] for name in kinds.keys() - inside} == {"Linear"}


def test_digest_is_that_of_the_files(folders: dict[str, Path], scratch: Path) -> None:
    place = prepare(spec(folders["own"], "own"), scratch)
    assert (place.folder, place.digest) == (folders["own"], folder_digest(folders["own"]))


@pytest.mark.parametrize("layout", ["own", "transformers", "llava"])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, layout: Layout) -> None:
    with pytest.raises(ModelError, match=f"{tmp_path} holds no config.json"):
        load(spec(tmp_path, layout), tmp_path / "scratch")


def test_a_model_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
    with pytest.raises(ModelError, match="cannot load it as an image-text-to-text model"):
        load(spec(tmp_path, "transformers"), tmp_path / "scratch")


def test_a_model_without_a_chat_template_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folders["llava-transformers"], tmp_path / "model")
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match=r"no chat template; put its chat_template\.jinja there"):
        load(spec(folder, "transformers"), tmp_path / "scratch")


def test_weights_that_lack_are_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    """transformers would draw them at random."""
    folder = shutil.copytree(folders["llava-transformers"], tmp_path / "model")
    model = LlavaForConditionalGeneration.from_pretrained(folder)
    kept = {name: value for name, value in model.state_dict().items() if "layers.1.mlp" not in name}
    model.save_pretrained(folder, state_dict=kept)
    with pytest.raises(ModelError, match=r"lacks .*layers\.1\.mlp"):
        load(spec(folder, "transformers"), tmp_path / "scratch")


def test_weights_that_are_damaged_are_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folders["idefics3"], tmp_path / "model")
    os.truncate(folder / "model.safetensors", 5_000)
    with pytest.raises(ModelError, match=f"{folder}: transformers cannot load it"):
        load(spec(folder, "transformers"), tmp_path / "scratch")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_an_error(folders: dict[str, Path], scratch: Path) -> None:
    wanted = spec(folders["own"], "own")
    with pytest.raises(ModelError, match="torch finds no GPU"):
        load(type(wanted)(wanted.name, wanted.origin, "own", "bf16", "gpu"), scratch)
