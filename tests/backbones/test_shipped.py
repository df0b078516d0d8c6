"""The shipped backbones, whatever they have learnt."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer, CLIPVisionModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.backbones.pretraining.image_encoder import encoder_config
from components.backbones.shipped import DESCRIBER, SHIPPED, DamagedBackbone, check_hashes, write_hashes
from components.model.assembling import assemble, check_tokens
from tests.model.tiny import params

FILES = ["image_encoder/model.safetensors", "language_model/tokenizer.json", "language_model/config.json"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy with its hashes noted."""
    folder = tmp_path / "pretrained"
    shutil.copytree(SHIPPED, folder)
    write_hashes(folder)
    check_hashes(folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_flipped_bit_is_found(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(DamagedBackbone, match=r"is not the file that was shipped.*make backbones") as raised:
        check_hashes(copy)
    assert str(copy / name) in str(raised.value)


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(DamagedBackbone, match="is missing") as raised:
        check_hashes(copy)
    assert str(copy / name) in str(raised.value)


def test_every_file_that_is_loaded_has_its_hash_noted(copy: Path) -> None:
    noted = json.loads((copy / "sha256.json").read_text(encoding="utf-8"))
    parts = ("image_encoder", "language_model")
    assert set(noted) == {DESCRIBER, *(f"{part}/{path.name}" for part in parts for path in (copy / part).iterdir())}


def test_shipped_files_are_the_ones_that_were_noted() -> None:
    check_hashes(SHIPPED)


def test_weights_are_small_and_in_sixteen_bits() -> None:
    files = sorted(SHIPPED.rglob("*.safetensors"))
    assert [str(path.relative_to(SHIPPED)) for path in files] == [
        DESCRIBER,
        "image_encoder/model.safetensors",
        "language_model/model.safetensors",
    ]
    assert sum(path.stat().st_size for path in files) < 10_000_000
    for path in files:
        with safe_open(path, "pt") as weights:
            tensors = [weights.get_tensor(name) for name in weights.keys()]  # noqa: SIM118 (it is no mapping)
        assert {tensor.dtype for tensor in tensors} == {torch.bfloat16}
        assert all(torch.isfinite(tensor).all() for tensor in tensors)


def test_folders_load_with_transformers() -> None:
    encoder = CLIPVisionModel.from_pretrained(SHIPPED / "image_encoder")
    assert encoder.config.hidden_size == encoder_config().hidden_size
    processor = CLIPImageProcessorPil.from_pretrained(SHIPPED / "image_encoder")
    assert dict(processor.crop_size) == {"height": 96, "width": 96}
    model = AutoModelForCausalLM.from_pretrained(SHIPPED / "language_model")
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED / "language_model")
    assert model.config.vocab_size >= len(tokenizer)
    check_tokens(tokenizer, params().model.tokens)
    assert model.generation_config.eos_token_id == [2, 3]
    talk = [{"role": "user", "content": "안녕하세요."}]
    text = tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
    assert text == "<|im_start|>user\n안녕하세요.<|im_end|>\n<|im_start|>assistant\n"


def test_they_go_together() -> None:
    model, processor = assemble(SHIPPED, params().model, params().seed, torch.float32)
    assert processor.image_seq_length == params().model.image_tokens_per_side ** 2
    assert sum(p.numel() for p in model.parameters()) < 5_000_000
