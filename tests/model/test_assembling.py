"""Backbones put together, saved and loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor, CLIPVisionModel, LlamaForCausalLM, pipeline

from components.model import KoreanVlmForConditionalGeneration, KoreanVlmProcessor
from components.model.assembling import WrongToken, assemble
from components.model.loading import load_model
from components.params.schema import Model
from components.scenes.shapes import SingleShape
from components.stages.errors import Missing
from tests.model.conftest import Pair
from tests.model.samples import picture
from tests.model.tiny import params


def test_holds_the_backbones_weights(pair: Pair, backbones: Path) -> None:
    model, _ = pair
    tower = CLIPVisionModel.from_pretrained(backbones / "image_encoder").state_dict()
    language_model = LlamaForCausalLM.from_pretrained(backbones / "language_model").state_dict()
    held = model.state_dict()
    assert all(torch.equal(held[f"model.vision_tower.{name}"], value) for name, value in tower.items())
    for name, value in language_model.items():
        own = name if name.startswith("lm_head") else name.replace("model.", "model.language_model.", 1)
        assert torch.equal(held[own], value), name


def test_connector_depends_on_the_seed_alone(backbones: Path) -> None:
    first, second, other = (
        assemble(backbones, params().model, seed, torch.float32)[0].model.multi_modal_projector.get_parameter(
            "mlp.0.weight"
        )
        for seed in (17, 17, 18)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("key", ["image", "turn_end", "end", "pad"])
def test_wrong_token_is_refused_with_both_ids(backbones: Path, key: str) -> None:
    given = params().model.model_dump()
    token = given["tokens"][key]
    right = token["id"]
    token["id"] = right + 100
    with pytest.raises(WrongToken) as raised:
        assemble(backbones, Model.model_validate(given), 17, torch.float32)
    message = str(raised.value)
    assert f"model.tokens.{key}" in message
    assert repr(token["text"]) in message
    assert f"has id {right} " in message
    assert f"expects {right + 100}" in message


def test_unknown_token_is_refused(backbones: Path) -> None:
    given = params().model.model_dump()
    given["tokens"]["image"] = {"text": "<|picture|>", "id": 4}
    with pytest.raises(WrongToken, match=r"'<\|picture\|>' has id None"):
        assemble(backbones, Model.model_validate(given), 17, torch.float32)


def test_saved_and_loaded_weights_are_the_same_bits(pair: Pair, saved: Path) -> None:
    model, _ = pair
    loaded, processor = load_model(saved)
    assert not loaded.training
    before, after = model.state_dict(), loaded.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) and before[name].dtype == after[name].dtype for name in before)
    assert loaded.lm_head.weight is loaded.get_input_embeddings().weight
    assert loaded.generation_config.eos_token_id == [2, 3]
    assert loaded.config.image_seq_length == processor.image_seq_length == 36
    assert processor.tokenizer.padding_side == "left"


def test_loading_in_another_dtype(saved: Path) -> None:
    assert {p.dtype for p in load_model(saved, dtype=torch.bfloat16)[0].parameters()} == {torch.bfloat16}


def test_folders_without_backbones_name_the_stage(tmp_path: Path) -> None:
    with pytest.raises(Missing, match=r"no image_encoder in .*: run `dvc repro backbones`"):
        assemble(tmp_path, params().model, 17, torch.float32)


def test_folder_without_a_model_names_the_stage(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="dvc repro pretrain"):
        load_model(tmp_path / "pretrain" / "model")


def test_transformers_finds_the_saved_folder(saved: Path) -> None:
    assert isinstance(AutoModelForImageTextToText.from_pretrained(saved), KoreanVlmForConditionalGeneration)
    assert isinstance(AutoProcessor.from_pretrained(saved), KoreanVlmProcessor)


def test_pipeline_answers_as_generate_does(pair: Pair, saved: Path) -> None:
    model, processor = pair
    shown = picture(SingleShape, 3)
    talk: Any = [
        {"role": "user", "content": [{"type": "image", "image": shown}, {"type": "text", "text": "무엇인가요?"}]}
    ]
    answering: Any = pipeline("image-text-to-text", model=str(saved))
    told = answering(text=talk, max_new_tokens=6, generate_kwargs={"do_sample": False}, return_full_text=False)
    prompt = processor.apply_chat_template(talk, add_generation_prompt=True)
    inputs = processor(text=[prompt], images=[shown], return_tensors="pt")
    ids = model.generate(**inputs, max_new_tokens=6, do_sample=False)[0, inputs["input_ids"].shape[1] :]
    assert told[0]["generated_text"] == processor.decode(ids, skip_special_tokens=True)
