"""Which of a repository's files are fetched, and that they can be loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import CLIPVisionModel

from components.backbones.stage import BackboneUnavailable, needed_files, run
from components.params.schema import Backbones, HubBackbone
from components.stages.keys import BadKey
from tests.model.tiny import image_encoder, params

BESIDE = ["config.json", "merges.txt", "preprocessor_config.json", "tokenizer.json", "LICENSE"]
NEVER = ["flax_model.msgpack", "tf_model.h5", "rust_model.ot", "README.md", ".gitattributes"]
IN_FOLDERS = ["onnx/model.onnx", "onnx/config.json", "checkpoint-1/model.safetensors", "original/pytorch_model.bin"]


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (["model.safetensors", "pytorch_model.bin"], ["model.safetensors"]),
        (["pytorch_model.bin"], ["pytorch_model.bin"]),
        (
            ["model-1-of-2.safetensors", "model-2-of-2.safetensors", "pytorch_model-1-of-1.bin"],
            ["model-1-of-2.safetensors", "model-2-of-2.safetensors"],
        ),
    ],
)
def test_weights_are_fetched_in_one_format(there: list[str], taken: list[str]) -> None:
    assert sorted(needed_files([*there, *BESIDE, *NEVER, *IN_FOLDERS])) == sorted([*taken, *BESIDE])


def test_repository_without_weights_is_refused() -> None:
    with pytest.raises(BackboneUnavailable, match=r"no weights .* among its files: config\.json, tf_model\.h5"):
        needed_files(["config.json", "tf_model.h5", "onnx/model.onnx"])


def test_a_token_that_cannot_be_sent_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_TOKEN", "hf_비밀")
    hub = HubBackbone(origin="hub", repo="kim/ko", revision="0" * 40)
    wanted = params().model_copy(update={"backbones": Backbones(image_encoder=hub, language_model=hub)})
    with pytest.raises(BadKey, match="HF_TOKEN holds no key"):
        run(wanted)


def test_weights_in_pytorchs_format_are_loaded_to_the_bit(tmp_path: Path) -> None:
    """As the hub has CLIP: one file of tensors, those of the text encoder among them."""
    encoder = image_encoder()
    encoder.config.save_pretrained(tmp_path)
    held = encoder.state_dict()
    whole = {f"vision_model.{name}": weight for name, weight in held.items()} | {"logit_scale": torch.ones(())}
    torch.save(whole, tmp_path / "pytorch_model.bin")
    loaded = CLIPVisionModel.from_pretrained(tmp_path).state_dict()
    assert loaded.keys() == held.keys()
    assert all(torch.equal(loaded[name], weight) for name, weight in held.items())
