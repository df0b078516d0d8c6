"""Loading and asking a bundle."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from components.export import layout
from components.export.runtime import Bundle, BundleError
from components.export.verify import Original
from components.scenes.words import Sign, Word
from tests.export.conftest import Pair
from tests.model.tiny import ROOT

QUESTION = "그림에 쓰인 글자를 읽어 주세요."


@pytest.fixture(scope="session")
def bundle(bundle_folder: Path) -> Bundle:
    """The bundle, loaded."""
    return Bundle.load(bundle_folder)


@pytest.fixture(scope="session")
def shown() -> Image.Image:
    """A picture of a sign."""
    return Sign((Word("출구", 30, 60, 48, "NanumGothic"),), 0).draw()


def test_prompt_is_the_chat_templates(pair: Pair, bundle: Bundle, shown: Image.Image) -> None:
    _, processor = pair
    for image in (None, shown):
        part = [{"type": "image"}] if image else []
        talk = [{"role": "user", "content": [*part, {"type": "text", "text": QUESTION}]}]
        text = processor.apply_chat_template(talk, add_generation_prompt=True)
        served = processor(text=[text], images=[image] if image else None)["input_ids"][0]
        assert bundle.prompt_ids(QUESTION, image is not None) == list(served)


@pytest.mark.parametrize("with_image", [True, False])
def test_logits_are_close_to_the_models(pair: Pair, bundle: Bundle, shown: Image.Image, with_image: bool) -> None:
    image = shown if with_image else None
    ids = bundle.prompt_ids(QUESTION, with_image)
    ours, theirs = bundle.logits(ids, image), Original(*pair).logits(ids, image).numpy()
    assert ours.shape == theirs.shape
    # Weights lie in the files in 16 bits, and the device may calculate in less.
    assert np.abs(ours - theirs).mean() < 0.02 * theirs.std()


def test_each_prompt_begins_anew(bundle: Bundle, shown: Image.Image) -> None:
    first = bundle.answer(QUESTION, shown, max_new_tokens=12)
    bundle.answer("봄 다음 계절은 무엇인가요?", None, max_new_tokens=5)
    assert bundle.answer(QUESTION, shown, max_new_tokens=12) == first


def test_answer_can_be_left_half_read(bundle: Bundle, shown: Image.Image) -> None:
    whole = bundle.answer(QUESTION, shown, max_new_tokens=12)
    next(bundle.stream(QUESTION, shown, max_new_tokens=12))
    assert bundle.answer(QUESTION, shown, max_new_tokens=12) == whole


def test_stream_is_the_decoded_answer(bundle: Bundle, shown: Image.Image) -> None:
    ids = list(bundle.tokens(bundle.prompt_ids(QUESTION, True), shown, 16))
    told = "".join(bundle.stream(QUESTION, shown, max_new_tokens=16))
    assert 0 < len(ids) <= 16
    assert told.rstrip("\ufffd") == bundle.decode(ids)[: len(told)]


def test_without_stopping_as_many_tokens_come_as_were_asked_for(bundle: Bundle) -> None:
    assert len(list(bundle.tokens(bundle.prompt_ids(QUESTION, False), None, 20, stop=False))) == 20


def test_features_follow_the_picture(bundle: Bundle, shown: Image.Image) -> None:
    ids = bundle.prompt_ids(QUESTION, True)
    other = Image.new("RGB", (50, 80), "red")
    assert not np.allclose(bundle.logits(ids, shown)[0, -1], bundle.logits(ids, other)[0, -1], atol=1e-3)


def test_manifest_lists_every_file(bundle_folder: Path) -> None:
    manifest = json.loads((bundle_folder / layout.MANIFEST).read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {path.name for path in bundle_folder.iterdir()} - {layout.MANIFEST}


def test_names_no_code_that_it_has_not(pair: Pair, bundle_folder: Path) -> None:
    model, processor = pair
    assert model.config.auto_map
    assert processor.tokenizer.init_kwargs["auto_map"]
    texts = {path.name: path.read_text(encoding="utf-8") for path in bundle_folder.glob("*.json")}
    assert {"config.json", "tokenizer_config.json", "preprocessor_config.json"} <= texts.keys()
    assert not [name for name, text in texts.items() if "auto_map" in text]


FILES = [
    layout.IMAGE_ENCODER,
    layout.LANGUAGE_MODEL.replace(".xml", ".bin"),
    layout.TOKENIZER,
    layout.SETTINGS,
]


@pytest.fixture
def copy(bundle_folder: Path, tmp_path: Path) -> Path:
    """A bundle to be damaged."""
    return Path(shutil.copytree(bundle_folder, tmp_path / "bundle"))


@pytest.mark.parametrize("name", FILES)
def test_damaged_file_is_named(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(BundleError, match=r"is damaged: run") as raised:
        Bundle.load(copy)
    assert str(copy / name) in str(raised.value)


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(BundleError, match="is missing: run") as raised:
        Bundle.load(copy)
    assert str(copy / name) in str(raised.value)


@pytest.mark.parametrize("content", [b"{", b"{}", b"[]", b"\xff"])
def test_damaged_manifest_is_named(copy: Path, content: bytes) -> None:
    (copy / layout.MANIFEST).write_bytes(content)
    with pytest.raises(BundleError, match=r"manifest\.json is damaged"):
        Bundle.load(copy)


def test_missing_bundle_brings_the_command(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="dvc repro export"):
        Bundle.load(tmp_path / "nothing")


def test_runs_without_torch_and_transformers(bundle_folder: Path) -> None:
    """In a fresh process, down to an answer: a device has neither."""
    program = (
        "import sys; from pathlib import Path; from components.export.runtime import Bundle;"
        f"print(repr(Bundle.load(Path({str(bundle_folder)!r})).answer({QUESTION!r}, None, 3)));"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'transformers', 'peft', 'ray'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_original_answers_as_generate_does(pair: Pair, bundle: Bundle, shown: Image.Image) -> None:
    model, processor = pair
    prompt = bundle.prompt_ids(QUESTION, True)
    told = Original(model, processor).tokens(prompt, shown, 8, stop=False)
    pixels = processor.image_processor([shown], return_tensors="pt")["pixel_values"]
    ids = torch.tensor([prompt])
    expected = model.generate(
        input_ids=ids, pixel_values=pixels, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=8
    )
    assert told[: expected.shape[1] - len(prompt)][:3] == expected[0, len(prompt) :].tolist()[:3]
