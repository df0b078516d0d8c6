"""Checkpoints in LLaVA's original layout that are not whole: each error names the file and what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from components.evaluate.models.llava.prepare import prepare_llava
from components.evaluate.models.loading import prepare
from components.evaluate.models.places import Place
from components.evaluate.models.spec import ModelError
from tests.evaluate.models.parts import Parts, spec

Tensors = dict[str, Any]
INDEX = "pytorch_model.bin.index.json"


@pytest.fixture
def folder(parts: Parts, tmp_path: Path) -> Path:
    """A checkpoint that a test may damage."""
    return parts.write(tmp_path / "checkpoint")


def change(folder: Path, edit: Callable[[Tensors], object], reindex: bool = True) -> None:
    """Edit all weights, as one shard, listed in the index or not."""
    listed = json.loads((folder / INDEX).read_text())["weight_map"]
    tensors: Tensors = {}
    for name in dict.fromkeys(listed.values()):
        tensors |= torch.load(folder / name, weights_only=True)
        (folder / name).unlink()
    edit(tensors)
    torch.save(tensors, folder / "pytorch_model-00001-of-00001.bin")
    names = tensors if reindex else listed
    (folder / INDEX).write_text(json.dumps({"weight_map": dict.fromkeys(names, "pytorch_model-00001-of-00001.bin")}))


def configure(folder: Path, **values: Any) -> None:
    """Set keys of config.json; None removes one."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8")) | values
    kept = {key: value for key, value in config.items() if value is not None}
    (folder / "config.json").write_text(json.dumps(kept), encoding="utf-8")


def refused(folder: Path, message: str) -> None:
    """It is, and no half conversion stays."""
    scratch = folder.parent / "scratch"
    with pytest.raises(ModelError, match=message):
        prepare(spec(folder, "llava"), scratch)
    assert not [path for path in scratch.glob("*") if path.is_dir()]


def test_a_shard_that_is_missing(folder: Path) -> None:
    (folder / "pytorch_model-00002-of-00003.bin").unlink()
    refused(folder, "lacks pytorch_model-00002-of-00003.bin, which pytorch_model.bin.index.json names: copy")


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04" + b"\0" * 100])
def test_a_shard_that_is_something_else(folder: Path, content: bytes) -> None:
    (folder / "pytorch_model-00002-of-00003.bin").write_bytes(content)
    refused(folder, r"pytorch_model-00002-of-00003.bin is not a file of weights, or damaged \(.*copy it again")


def test_a_shard_that_was_cut(folder: Path) -> None:
    file = folder / "pytorch_model-00003-of-00003.bin"
    os.truncate(file, file.stat().st_size // 2)
    refused(folder, "pytorch_model-00003-of-00003.bin is not a file of weights, or damaged")


def test_a_shard_with_code_is_not_run(folder: Path, tmp_path: Path) -> None:
    torch.save({"model.norm.weight": _Touch(tmp_path / "run")}, folder / "pytorch_model-00001-of-00003.bin")
    refused(folder, "pytorch_model-00001-of-00003.bin is not a file of weights")
    assert not (tmp_path / "run").exists()


class _Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def test_a_shard_with_a_nested_table(folder: Path) -> None:
    torch.save({"state_dict": {"a": torch.ones(1)}}, folder / "pytorch_model-00001-of-00003.bin")
    refused(folder, "holds something else than named tensors")


def test_a_tensor_that_the_index_names_in_vain(folder: Path) -> None:
    change(folder, lambda tensors: tensors.pop("model.norm.weight"), reindex=False)
    refused(folder, "pytorch_model-00001-of-00001.bin lacks model.norm.weight, which")


def test_a_weight_that_is_missing(folder: Path) -> None:
    change(folder, lambda tensors: tensors.pop("model.mm_projector.2.bias"))
    refused(folder, r"the weight model\.multi_modal_projector\.linear_2\.bias is missing: is the checkpoint whole")


def test_an_encoder_that_is_there_in_part(folder: Path) -> None:
    name = "model.vision_tower.vision_tower.vision_model.post_layernorm.bias"
    change(folder, lambda tensors: tensors.pop(name))
    refused(folder, r"the weight model\.vision_tower\.post_layernorm\.bias is missing")


def test_a_weight_that_is_unknown(folder: Path) -> None:
    change(folder, lambda tensors: tensors.update({"model.layers.0.self_attn.q_proj.lora_A": torch.ones(2, 2)}))
    refused(folder, r"q_proj\.lora_A is in the files, but not in such a model")


def test_a_weight_of_another_shape(folder: Path) -> None:
    change(folder, lambda tensors: tensors.update({"model.mm_projector.0.weight": torch.ones(64, 31)}))
    refused(folder, r"00001\.bin: model\.multi_modal_projector\.linear_1\.weight has the shape \(64, 31\).*\(64, 32\)")


def test_a_vocabulary_that_is_larger_than_said(folder: Path) -> None:
    change(folder, lambda tensors: tensors.update({"lm_head.weight": torch.ones(500, 64)}))
    refused(folder, r"lm_head\.weight has the shape \(500, 64\)")


def test_constants_that_old_versions_stored_are_left_out(folder: Path) -> None:
    before = prepare(spec(folder, "llava"), folder.parent / "scratch")
    stored = {
        "model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(8),
        "model.vision_tower.vision_tower.vision_model.embeddings.position_ids": torch.arange(17)[None],
    }
    change(folder, lambda tensors: tensors.update(stored))
    after = prepare(spec(folder, "llava"), folder.parent / "scratch")
    assert after.folder != before.folder
    assert (after.folder / "model.safetensors").read_bytes() == (before.folder / "model.safetensors").read_bytes()


def test_one_file_of_weights_needs_no_index(folder: Path) -> None:
    before = prepare(spec(folder, "llava"), folder.parent / "scratch")
    change(folder, lambda tensors: None)
    (folder / INDEX).unlink()
    (folder / "pytorch_model-00001-of-00001.bin").rename(folder / "pytorch_model.bin")
    after = prepare(spec(folder, "llava"), folder.parent / "scratch")
    assert (after.folder / "model.safetensors").read_bytes() == (before.folder / "model.safetensors").read_bytes()


def test_no_weights_at_all(folder: Path) -> None:
    for file in folder.glob("pytorch_model*"):
        file.unlink()
    refused(folder, "has neither pytorch_model.bin.index.json nor pytorch_model.bin")


@pytest.mark.parametrize("text", ["{", "[]", '{"weight_map": 3}'])
def test_an_index_that_is_none(folder: Path, text: str) -> None:
    (folder / INDEX).write_text(text)
    refused(folder, "index.json is not an index of weights")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mm_projector_type", "linear"),
        ("mm_use_im_start_end", True),
        ("image_aspect_ratio", "anyres"),
        ("mm_vision_select_feature", "cls"),
    ],
)
def test_what_is_not_supported_is_refused(folder: Path, key: str, value: Any) -> None:
    configure(folder, **{key: value})
    refused(folder, f"config.json: {key} is {value!r}; of LLaVA's layout, this is read")


def test_a_configuration_of_another_model(folder: Path) -> None:
    configure(folder, mm_vision_tower=None, num_key_value_heads=None)
    refused(folder, "config.json has no num_key_value_heads, mm_vision_tower: is it a checkpoint in LLaVA's original")


def test_a_configuration_that_was_cut(folder: Path) -> None:
    (folder / "config.json").write_text('{"vocab')
    refused(folder, "config.json is not JSON")


def test_an_encoder_that_is_nowhere(folder: Path) -> None:
    configure(folder, mm_vision_tower="/nowhere/clip")
    refused(
        folder, "mm_vision_tower in config.json is '/nowhere/clip', neither a folder here nor .* give image_encoder"
    )


def test_an_encoder_without_weights(parts: Parts, tmp_path: Path) -> None:
    folder = parts.write(tmp_path / "checkpoint", holds_encoder=False)
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("config.json", "preprocessor_config.json"):
        (bare / name).write_bytes((parts.encoder_folder / name).read_bytes())
    configure(folder, mm_vision_tower=str(bare))
    refused(folder, "bare: the image encoder's weights cannot be read")


def test_an_encoder_that_does_not_say_how_pictures_are_prepared(parts: Parts, folder: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "config.json").write_bytes((parts.encoder_folder / "config.json").read_bytes())
    configure(folder, mm_vision_tower=str(bare))
    refused(folder, r"bare has no preprocessor_config\.json that can be read")


def test_a_tokenizer_of_another_conversation(folder: Path) -> None:
    (folder / "added_tokens.json").unlink()
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer", "eos_token": "</s>"}')
    (folder / "special_tokens_map.json").unlink()
    refused(folder, r"the tokenizer has no <\|im_start\|>")


def test_no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.model").unlink()
    refused(folder, r"has neither tokenizer\.json nor tokenizer\.model")


@pytest.mark.parametrize("name", ["tokenizer.model", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\x00\x01" * 50])
def test_a_damaged_tokenizer(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    refused(
        folder, rf"{name} cannot be read as a tokenizer|added_tokens\.json gives .* the id \d+, the tokenizer .*copy"
    )


def test_what_a_crash_left_is_made_anew(folder: Path) -> None:
    scratch = folder.parent / "scratch"
    whole = prepare(spec(folder, "llava"), scratch).folder
    names = sorted(file.name for file in whole.iterdir())
    whole.rename(scratch / f".{whole.name}.part")
    (scratch / f".{whole.name}.part" / "config.json").unlink()
    assert sorted(file.name for file in prepare(spec(folder, "llava"), scratch).folder.iterdir()) == names


def test_the_same_checkpoint_at_another_place_is_converted_once(folder: Path) -> None:
    scratch = folder.parent / "scratch"
    places = [prepare_llava(Place(folder, "digest"), None, scratch) for _ in range(2)]
    assert places[0] == places[1]
    assert len([path for path in scratch.iterdir() if path.is_dir()]) == 1
