"""What decoding reads for each token."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from components.bundles.llama_cpp import names as gguf_names
from components.bundles.openvino import names
from components.export.speed.weights import bytes_per_token
from components.model.loading import save_model
from tests.export.conftest import Pair


def test_of_openvino_the_file_of_the_language_model(bundle_folder: Path, pair: Pair) -> None:
    """fp16: two bytes a parameter, the head's among them; the table of embeddings lies elsewhere."""
    found = bytes_per_token("openvino", bundle_folder)
    assert found == (bundle_folder / names.LANGUAGE_MODEL.replace(".xml", ".bin")).stat().st_size
    assert found == pytest.approx(2 * _parameters(pair), rel=0.02)


def test_of_the_model_two_bytes_a_parameter_of_its_language_model(pair: Pair, tmp_path: Path) -> None:
    save_model(*pair, tmp_path)
    assert bytes_per_token("transformers", tmp_path) == 2 * _parameters(pair)


def test_a_table_of_embeddings_that_is_not_the_head_is_not_read(tmp_path: Path) -> None:
    weights = {
        "model.language_model.embed_tokens.weight": torch.zeros(50, 4),
        "model.language_model.layers.0.mlp.up_proj.weight": torch.zeros(6, 4),
        "model.vision_tower.embeddings.class_embedding": torch.zeros(99),
        "lm_head.weight": torch.zeros(50, 4),
    }
    save_file(weights, tmp_path / "model.safetensors")
    assert bytes_per_token("transformers", tmp_path) == 2 * (24 + 200)
    del weights["lm_head.weight"]
    save_file(weights, tmp_path / "model.safetensors")
    assert bytes_per_token("transformers", tmp_path) == 2 * (24 + 200)


@pytest.mark.parametrize(("head", "expected"), [(False, 40 * 4 + 6 * 4), (True, 40 * 2 + 6 * 4)])
def test_of_llama_cpp_all_tensors_but_a_table_that_is_only_looked_up_in(
    head: bool, expected: int, tmp_path: Path
) -> None:
    writer = gguf.GGUFWriter(tmp_path / gguf_names.language_model_name("F32"), "llama")
    writer.add_tensor("token_embd.weight", np.zeros((10, 4), np.float32))
    writer.add_tensor("blk.0.ffn_up.weight", np.zeros((6, 1), np.float32))
    if head:
        writer.add_tensor("output.weight", np.zeros((10, 4), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    assert bytes_per_token("gguf", tmp_path) == expected


def _parameters(pair: Pair) -> int:
    return sum(weights.numel() for weights in pair[0].model.language_model.parameters())
