"""Connectors by configuration: which there are, which grids they give, and which weights are whose."""

from __future__ import annotations

import json
import shutil
from itertools import permutations
from pathlib import Path
from typing import get_args

import pytest
import torch

from components.model import KoreanVlmForConditionalGeneration
from components.model.assembling import assemble
from components.model.connector import WrongConnector
from components.model.connectors import CONNECTORS
from components.model.loading import load_model
from components.model.refusals import UnfitConnector
from components.params.schema import Model
from components.scenes.shapes import Board
from tests.model.samples import picture
from tests.model.tiny import GRIDS, joined_by


def asked(kind: str, side: int | None = None) -> dict[str, str | int]:
    return {"connector": kind, "image_tokens_per_side": side or GRIDS[kind]}


def named(kind: str, side: int | None = None) -> str:
    side = side or GRIDS[kind]
    return f"{kind} with {side} x {side} image tokens"


def edited(folder: Path, target: Path, changes: dict[str, str | int]) -> Path:
    """A copy of a saved model, with another config.json."""
    shutil.copytree(folder, target)
    config = target / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text(encoding="utf-8")) | changes), encoding="utf-8")
    return target


def test_every_name_that_params_may_give_has_a_class() -> None:
    assert list(get_args(Model.model_fields["connector"].annotation)) == list(CONNECTORS)


@torch.no_grad()
@pytest.mark.parametrize("kind", CONNECTORS)
def test_saved_model_reads_as_many_image_tokens_as_its_connector_gives(saved_kinds: dict[str, Path], kind: str) -> None:
    model, processor = load_model(saved_kinds[kind])
    tokens = GRIDS[kind] ** 2
    assert type(model.model.multi_modal_projector) is CONNECTORS[kind]
    assert model.config.image_seq_length == processor.image_seq_length == tokens
    inputs = processor(text=[processor.image_token], images=[picture(Board, 1)], return_tensors="pt")
    assert inputs["input_ids"].shape == (1, tokens)
    features = model.model.get_image_features(inputs["pixel_values"]).pooler_output
    assert [feature.shape for feature in features] == [(tokens, 48)]
    assert model(**inputs).logits.isfinite().all()


@pytest.mark.parametrize("kind", CONNECTORS)
def test_initial_weights_depend_on_the_seed_alone(backbones: Path, kind: str) -> None:
    first, second, other = (
        assemble(backbones, joined_by(kind, GRIDS[kind]), seed, torch.float32)[0].model.multi_modal_projector
        for seed in (17, 17, 18)
    )
    same = [torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)]
    different = [not torch.equal(a, b) for a, b in zip(first.parameters(), other.parameters(), strict=True)]
    assert all(same)
    assert any(different)


@pytest.mark.parametrize(
    ("kind", "side", "allowed"),
    [("ldpv2", 13, "1 to 12"), ("c-abstractor", 24, "1 to 12"), ("mlp2x_gelu", 6, "12"), ("mlp2x_gelu", 13, "12")],
)
def test_grid_that_contradicts_the_connector_is_refused(backbones: Path, kind: str, side: int, allowed: str) -> None:
    with pytest.raises(UnfitConnector) as raised:
        assemble(backbones, joined_by(kind, side), 17, torch.float32)
    assert str(raised.value) == (
        f"model.image_tokens_per_side is {side}: connector {kind} on 12 x 12 patches allows {allowed}"
    )


@pytest.mark.parametrize(("kind", "other"), list(permutations(CONNECTORS, 2)))
def test_weights_of_another_connector_than_config_json_says_are_refused(
    saved_kinds: dict[str, Path], tmp_path: Path, kind: str, other: str
) -> None:
    folder = edited(saved_kinds[kind], tmp_path / "model", asked(other))
    with pytest.raises(WrongConnector) as raised:
        load_model(folder)
    assert f"weights are of connector {named(kind)}; the configuration asks for {named(other)}" in str(raised.value)


@pytest.mark.parametrize(("kind", "other"), list(permutations(CONNECTORS, 2)))
def test_asking_for_another_connector_than_the_weights_are_of_is_refused(
    saved_kinds: dict[str, Path], kind: str, other: str
) -> None:
    with pytest.raises(WrongConnector) as raised:
        KoreanVlmForConditionalGeneration.from_pretrained(saved_kinds[kind], **asked(other))
    assert f"weights are of connector {named(kind)}; the configuration asks for {named(other)}" in str(raised.value)


@pytest.mark.parametrize("kind", CONNECTORS)
def test_another_grid_is_refused_though_all_weights_fit(
    saved_kinds: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    message = f"weights are of connector {named(kind)}; the configuration asks for {named(kind, 4)}"
    with pytest.raises(UnfitConnector, match=message):
        load_model(edited(saved_kinds[kind], tmp_path / "model", asked(kind, 4)))
    with pytest.raises(WrongConnector, match=message):
        KoreanVlmForConditionalGeneration.from_pretrained(saved_kinds[kind], image_tokens_per_side=4)


def test_unknown_connector_is_refused_with_the_known_ones(saved_kinds: dict[str, Path], tmp_path: Path) -> None:
    folder = edited(saved_kinds["ldpv2"], tmp_path / "model", {"connector": "resampler"})
    with pytest.raises(WrongConnector, match="connector is 'resampler'; there are: ldpv2, c-abstractor, mlp2x_gelu"):
        load_model(folder)


def test_state_of_another_grid_is_refused_by_load_state_dict_too(saved_kinds: dict[str, Path], backbones: Path) -> None:
    """Checkpoints and adapters are loaded this way."""
    weights = load_model(saved_kinds["ldpv2"])[0].state_dict()
    other, _ = assemble(backbones, joined_by("ldpv2", 4), 17, torch.float32)
    with pytest.raises(WrongConnector, match="weights are of connector ldpv2 with 6 x 6"):
        other.load_state_dict(weights)
