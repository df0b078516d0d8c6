"""Whole bundles of each kind of weights."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from components.bundles.conversation import TEMPLATE
from components.bundles.openvino import names
from components.bundles.openvino.graphs import Graphs
from components.bundles.openvino.pipeline import Pipeline
from components.bundles.runtime import answer
from components.export.openvino.write import NothingToCalibrate, write_openvino
from components.export.original import Original
from components.export.samples import Sample
from components.model.assembling import assemble
from components.model.loading import load_model, save_model
from components.scenes.shapes import Board
from tests.export.conftest import Pair, wanted
from tests.model.tiny import params, save_backbones

GRAPHS = (names.IMAGE_ENCODER, names.EMBEDDINGS, names.LANGUAGE_MODEL, names.OV_TOKENIZER, names.OV_DETOKENIZER)
FILES = {
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "tokenizer_config.json",
    names.TOKENIZER,
    TEMPLATE,
    *(
        name.replace(".xml", ending)
        for name in (
            names.IMAGE_ENCODER,
            names.EMBEDDINGS,
            names.LANGUAGE_MODEL,
            names.OV_TOKENIZER,
            names.OV_DETOKENIZER,
        )
        for ending in (".xml", ".bin")
    ),
}
QUANTISED: dict[str, dict[str, Any]] = {
    "int8": {"weights": "int8"},
    "int4": {"weights": "int4", "group_size": 32},
}


def samples(pair: Pair, count: int) -> list[Sample]:
    """Pictures with a question and an answer."""
    _, processor = pair
    made = []
    for seed in range(count):
        board = Board.sample(random.Random(seed))
        image = processor.image_token * processor.image_seq_length
        text = f"<|im_start|>user\n{image}\n무엇인가요?<|im_end|>\n<|im_start|>assistant\n{board.caption()}"
        ids = processor.tokenizer(text)["input_ids"]
        made.append(Sample(f"boards/{seed}", ids, [False] * len(ids), board.draw()))
    return made


@pytest.fixture(scope="module")
def wide_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A model whose widths are multiples of the smallest group."""
    folder = tmp_path_factory.mktemp("wide")
    save_backbones(folder / "backbones")
    changed = {"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4, "head_dim": 16}
    config = LlamaConfig.from_pretrained(folder / "backbones" / "language_model", **changed)
    torch.manual_seed(5)
    LlamaForCausalLM(config).save_pretrained(folder / "backbones" / "language_model")
    save_model(*assemble(folder / "backbones", params().model, 17, torch.float32), folder / "model")
    return load_model(folder / "model", dtype=torch.float32)


@pytest.fixture(scope="module")
def full(wide_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its bundle, not quantised."""
    folder = tmp_path_factory.mktemp("fp16")
    write_openvino(folder, wanted("fp16"), *wide_pair, samples=[])
    return folder


@pytest.fixture(scope="module", params=list(QUANTISED))
def quantised(request: pytest.FixtureRequest, wide_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its bundle with weights of eight or four bits."""
    folder = tmp_path_factory.mktemp(request.param)
    write_openvino(folder, wanted(**QUANTISED[request.param]), *wide_pair, samples=samples(wide_pair, 8))
    return folder


def types(folder: Path, name: str) -> set[str]:
    """Element types of a graph's constants that hold more than a few numbers."""
    model = ov.Core().read_model(folder / name)
    constants = [node for node in model.get_ops() if node.get_type_name() == "Constant"]
    return {node.get_element_type().get_type_name() for node in constants if np.prod(node.get_output_shape(0)) > 1000}


def test_files_are_those_that_openvino_genai_wants(full: Path, quantised: Path) -> None:
    for folder in (full, quantised):
        assert {path.name for path in folder.iterdir()} == FILES


def test_weights_are_quantised(full: Path, quantised: Path) -> None:
    assert types(full, names.LANGUAGE_MODEL) == {"f16"}
    assert "u8" in types(quantised, names.EMBEDDINGS)
    assert types(quantised, names.IMAGE_ENCODER) & {"i8", "u8"}
    found = types(quantised, names.LANGUAGE_MODEL)
    assert "i4" in found if "int4" in quantised.name else "u8" in found and "i4" not in found


def test_quantised_bundles_are_smaller(full: Path, quantised: Path) -> None:
    for name in (names.LANGUAGE_MODEL, names.EMBEDDINGS):
        weights = name.replace(".xml", ".bin")
        assert (quantised / weights).stat().st_size < 0.75 * (full / weights).stat().st_size


def test_quantised_features_resemble_the_models(wide_pair: Pair, quantised: Path) -> None:
    graphs, original = Graphs(quantised, threads=1), Original(*wide_pair)
    for seed in (20, 21):
        picture = Board.sample(random.Random(seed)).draw()
        found, expected = graphs.features(picture).ravel(), original.features(picture).ravel()
        assert found @ expected / (np.linalg.norm(found) * np.linalg.norm(expected)) > 0.98


def test_quantised_bundle_answers(quantised: Path) -> None:
    pipeline = Pipeline(quantised, threads=1)
    picture = Board.sample(random.Random(1)).draw()
    assert answer(pipeline, "무엇이 보이나요?", picture, 8)
    assert answer(pipeline, "봄 다음 계절은 무엇인가요?", None, 8)


def test_nothing_to_calibrate_names_the_parameter(pair: Pair, tmp_path: Path) -> None:
    text_only = [Sample("texts/0", [1, 2, 3], [False] * 3, None)]
    with pytest.raises(
        NothingToCalibrate, match=r"export\.bundles\[int8\]\.weights is int8.*ingest\.split\.validation"
    ):
        write_openvino(tmp_path, wanted("int8"), *pair, samples=text_only)


def test_settings_tell_openvino_genai_what_it_needs(pair: Pair, bundle_folder: Path) -> None:
    model, processor = pair
    config = json.loads((bundle_folder / "config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == "llava"
    assert config["image_token_index"] == model.config.image_token_index
    picture = json.loads((bundle_folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    assert picture["size"] == {"shortest_edge": processor.image_processor.size["shortest_edge"]}
    generation = json.loads((bundle_folder / "generation_config.json").read_text(encoding="utf-8"))
    assert generation["eos_token_id"] == model.generation_config.eos_token_id
    assert processor.image_token not in (bundle_folder / TEMPLATE).read_text(encoding="utf-8")
