"""The stand-in has KoLLaVA's files, keys and names, and the project's small backbones can be put into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, CLIPVisionModel, LlamaForCausalLM

from components.backbones.shipped import SHIPPED
from components.evaluate.models.loading import load
from components.evaluate.models.stand_in import write_stand_in
from tests.evaluate.models.parts import PIECES, Parts, picture, spec


def test_files_are_those_of_the_original(checkpoint: Path) -> None:
    assert {file.name for file in checkpoint.iterdir()} == {
        "config.json",
        "generation_config.json",
        "pytorch_model.bin.index.json",
        *(f"pytorch_model-0000{number}-of-00003.bin" for number in (1, 2, 3)),
        "added_tokens.json",
        "special_tokens_map.json",
        "tokenizer.model",
        "tokenizer_config.json",
    }


def test_configuration_is_the_originals(checkpoint: Path, parts: Parts) -> None:
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    expected = {
        "architectures": ["LlavaLlamaForCausalLM"],
        "model_type": "llava",
        "vocab_size": PIECES + 2,
        "eos_token_id": PIECES,
        "num_key_value_heads": 2,
        "rope_theta": 5_000.0,
        "mm_projector_type": "mlp2x_gelu",
        "mm_vision_tower": str(parts.encoder_folder),
        "mm_hidden_size": 32,
        "mm_vision_select_layer": -2,
        "image_aspect_ratio": "pad",
        "mm_use_im_start_end": False,
    }
    assert {key: config[key] for key in expected} == expected


@pytest.mark.parametrize("holds_encoder", [True, False])
def test_weights_have_the_originals_names(parts: Parts, tmp_path: Path, holds_encoder: bool) -> None:
    folder = parts.write(tmp_path / "checkpoint", holds_encoder=holds_encoder, shards=2)
    index = json.loads((folder / "pytorch_model.bin.index.json").read_text())["weight_map"]
    stored = {file: torch.load(folder / file, weights_only=True) for file in set(index.values())}
    assert {name: file for file, tensors in stored.items() for name in tensors} == index
    for name in (
        "model.embed_tokens.weight",
        "model.mm_projector.0.weight",
        "model.mm_projector.2.bias",
        "lm_head.weight",
    ):
        assert name in index
    tower = "model.vision_tower.vision_tower.vision_model."
    assert (f"{tower}embeddings.class_embedding" in index) is holds_encoder
    assert any(name.startswith(tower) for name in index) is holds_encoder


def test_the_small_backbones_answer_through_it(tmp_path: Path) -> None:
    encoder = CLIPVisionModel.from_pretrained(SHIPPED / "image_encoder")
    reader = LlamaForCausalLM.from_pretrained(SHIPPED / "language_model")
    wide, narrow = reader.config.hidden_size, encoder.config.hidden_size
    shapes = {"0.weight": (wide, narrow), "0.bias": (wide,), "2.weight": (wide, wide), "2.bias": (wide,)}
    connector = {name: torch.randn(shape, dtype=torch.bfloat16) * 0.1 for name, shape in shapes.items()}
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED / "language_model")
    at = str(SHIPPED / "image_encoder")
    write_stand_in(tmp_path / "stand-in", encoder, reader, connector, tokenizer, image_encoder_at=at)
    loaded = load(spec(tmp_path / "stand-in", "llava"), tmp_path / "scratch")
    assert reader.config.tie_word_embeddings
    embeddings = loaded.model.get_input_embeddings().weight[: reader.config.vocab_size]
    assert torch.equal(embeddings, reader.get_input_embeddings().weight.float())
    prompt = loaded.chat("무엇이 보입니까?", True)
    inputs = loaded.processor(images=[[picture(50, 40)]], text=[prompt], padding=True, return_tensors="pt")
    assert len(loaded.texts(loaded.generate(inputs, max_new_tokens=4))) == 1
