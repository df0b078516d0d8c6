"""Backbones of the recipe's shapes with random weights."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer, CLIPVisionConfig, LlamaConfig

from components.backbones.stage import run
from components.backbones.stand_in import (
    image_encoder_config,
    language_model_config,
    stand_in_tokenizer,
    write_stand_ins,
)
from components.model.assembling import assemble, check_tokens
from components.params.load import load_params
from components.params.profile import write_profile
from components.params.schema import Params
from components.stages.paths import BACKBONES

ROOT = Path(__file__).parents[2]
MIXED = "안녕하세요, 대한민국! 漢字 とうきょう naïve 🙂\n\t0.46 <|im_start|>"


def small_image_encoder() -> CLIPVisionConfig:
    """The recipe's, narrow and shallow."""
    config = image_encoder_config()
    config.update({"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2})
    return config


def small_language_model() -> LlamaConfig:
    """The recipe's, narrow and shallow, with its vocabulary."""
    config = language_model_config()
    config.update({"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "head_dim": 4})
    return config


@pytest.fixture(scope="module")
def aiku(tmp_path_factory: pytest.TempPathFactory) -> Params:
    """The full-size profile's parameters."""
    target = tmp_path_factory.mktemp("aiku") / "params.yaml"
    target.write_bytes((ROOT / "params.yaml").read_bytes())
    write_profile("aiku", target, ROOT / "profiles")
    return load_params(target)


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small ones on disk."""
    folder = tmp_path_factory.mktemp("stand-ins") / "backbones"
    write_stand_ins(folder, small_image_encoder(), small_language_model(), 17)
    return folder


def test_full_size_has_the_recipes_parameters() -> None:
    with torch.device("meta"):
        encoder = AutoModel.from_config(image_encoder_config())
        language_model = AutoModelForCausalLM.from_config(language_model_config())
    assert encoder.num_parameters() == 303_507_456
    assert language_model.num_parameters() == 566_281_216
    attention = language_model.model.layers[0].self_attn
    assert (attention.q_proj.out_features, attention.k_proj.out_features) == (2048, 1024)


def test_special_tokens_have_the_ids_of_the_full_size_profile(stand_ins: Path, aiku: Params) -> None:
    tokenizer = AutoTokenizer.from_pretrained(stand_ins / "language_model")
    check_tokens(tokenizer, aiku.model.tokens)
    ids = {"<|im_start|>": 100_272, "<|stop|>": 100_274}
    assert {token: tokenizer.convert_tokens_to_ids(token) for token in ids} == ids
    assert tokenizer.encode("<|im_start|>user", add_special_tokens=False)[0] == 100_272
    assert len(tokenizer) == 100_276


def test_any_text_is_read_and_given_back(stand_ins: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(stand_ins / "language_model")
    ids = tokenizer.encode(MIXED, add_special_tokens=False)
    assert tokenizer.decode(ids) == MIXED
    assert len(tokenizer.encode("그림에 무엇이 보입니까?")) < len("그림에 무엇이 보입니까?".encode()) / 2


def test_names_of_unused_ids_are_plain_text() -> None:
    tokenizer = stand_in_tokenizer(17)
    name = "<|_unuse_missing_50000|>"
    assert tokenizer.convert_tokens_to_ids(name) == 50_000
    assert 50_000 not in tokenizer.encode(name)


def test_same_seed_same_files(stand_ins: Path, tmp_path: Path) -> None:
    for name, seed in (("same", 17), ("other", 18)):
        write_stand_ins(tmp_path / name, small_image_encoder(), small_language_model(), seed)
    for part in ("image_encoder/model.safetensors", "language_model/model.safetensors"):
        first, same, other = (load_file(folder / part) for folder in (stand_ins, tmp_path / "same", tmp_path / "other"))
        assert all(torch.equal(first[name], same[name]) for name in first)
        assert not all(torch.equal(first[name], other[name]) for name in first)
        assert {value.dtype for value in first.values()} == {torch.bfloat16}
    assert (stand_ins / "language_model/tokenizer.json").read_bytes() == (
        tmp_path / "same/language_model/tokenizer.json"
    ).read_bytes()


def test_stage_takes_them_and_the_model_has_a_finite_loss(
    stand_ins: Path, aiku: Params, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = aiku.model_dump()
    given["backbones"] = {
        part: {"origin": "folder", "path": str(stand_ins / part)} for part in ("image_encoder", "language_model")
    }
    monkeypatch.chdir(tmp_path)
    run(Params.model_validate(given))
    model, processor = assemble(BACKBONES, aiku.model, 17, torch.float32)
    talk = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "무엇인가요?"}]}]
    prompt = processor.apply_chat_template(talk, add_generation_prompt=True)
    inputs = processor(text=[prompt], images=[torch.zeros(3, 336, 336)], return_tensors="pt")
    assert int((inputs["input_ids"] == aiku.model.tokens.image.id).sum()) == 144
    loss = float(model(**inputs, labels=inputs["input_ids"]).loss.detach())
    assert loss == pytest.approx(math.log(110_592), rel=0.1)
