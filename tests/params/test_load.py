"""What is said of a wrong params.yaml."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from components.params.load import ParamsError, load_params
from components.params.profile import write_profile
from components.params.schema import ShippedBackbone

ROOT = Path(__file__).parents[2]
Values = dict[str, Any]


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[[Callable[[Values], object]], str]:
    """The message for the project's parameters after a change."""

    def message(change: Callable[[Values], object]) -> str:
        values = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        change(values)
        path = tmp_path / "params.yaml"
        with path.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(values, file)
        with pytest.raises(ParamsError) as raised:
            load_params(path)
        text = str(raised.value)
        assert str(path) in text
        return text

    return message


def test_the_projects_own_file_is_valid() -> None:
    assert load_params(ROOT / "params.yaml").seed >= 0


def test_every_profile_is_valid_over_the_projects_file(tmp_path: Path) -> None:
    for profile in sorted((ROOT / "profiles").glob("*.yaml")):
        target = tmp_path / "params.yaml"
        target.write_bytes((ROOT / "params.yaml").read_bytes())
        write_profile(profile.stem, target, ROOT / "profiles")
        assert load_params(target).profile == profile.stem


def test_unknown_key_brings_the_one_that_was_meant(refusal: Callable[..., str]) -> None:
    text = refusal(lambda values: values["finetune"]["lora"].update(rnak=4))
    assert "finetune.lora.rnak: unknown key; did you mean rank?" in text
    assert "allowed: alpha, dropout, rank, targets" in text


def test_unknown_key_at_the_top_and_in_a_list(refusal: Callable[..., str]) -> None:
    def change(values: Values) -> None:
        values["pretrian"] = {}
        values["ingest"]["sources"][1]["reder"] = "llava"

    text = refusal(change)
    assert "pretrian: unknown key; did you mean pretrain?" in text
    assert "ingest.sources.1.reder: unknown key; did you mean reader?" in text


def test_wrong_types_are_not_converted(refusal: Callable[..., str]) -> None:
    def change(values: Values) -> None:
        values["pretrain"]["batch"] = "32"
        values["seed"] = 1.5
        values["finetune"]["clip"] = "1.0"

    text = refusal(change)
    assert "pretrain.batch: found '32'; Input should be a valid integer" in text
    assert "seed: found 1.5; " in text
    assert "finetune.clip: found '1.0'; Input should be a valid number" in text


@pytest.mark.parametrize(
    ("section", "key", "value", "said"),
    [
        ("pretrain", "micro_batch", 0, "greater than or equal to 1"),
        ("pretrain", "precision", "fp8", "'fp32' or 'bf16'"),
        ("pretrain", "zero_stage", 4, "less than or equal to 3"),
        ("finetune", "warmup", 1.0, "less than 1"),
        ("evaluate", "subjects", [], "at least 1 item"),
        ("export", "calibration_samples", 0, "greater than or equal to 1"),
        ("model", "feature_layer", 0, "less than or equal to -1"),
    ],
)
def test_impossible_value_brings_what_is_allowed(
    refusal: Callable[..., str], section: str, key: str, value: object, said: str
) -> None:
    text = refusal(lambda values: values[section].update({key: value}))
    assert f"{section}.{key}: found {value!r}; " in text
    assert said in text


def test_values_that_do_not_go_together(refusal: Callable[..., str]) -> None:
    assert "(16 x 3 = 48)" in refusal(lambda values: values["pretrain"].update(workers=3))
    assert "learning_rate.lora is missing" in refusal(lambda v: v["finetune"]["learning_rate"].pop("lora"))
    assert "given twice: k_proj" in refusal(lambda values: values["finetune"]["lora"]["targets"].append("k_proj"))
    assert "given twice: captions" in refusal(lambda v: v["ingest"]["sources"].append(v["ingest"]["sources"][0]))


def test_lora_adapts_layers_that_there_are(refusal: Callable[..., str]) -> None:
    text = refusal(lambda values: values["finetune"]["lora"].update(targets=["q_proj", "qkv_proj"]))
    assert "finetune.lora.targets.1: found 'qkv_proj'; " in text
    assert "'gate_proj'" in text
    assert "at least 1 item" in refusal(lambda values: values["finetune"]["lora"].update(targets=[]))


def test_hub_backbones_are_pinned_to_a_commit(refusal: Callable[..., str]) -> None:
    hub = {"origin": "hub", "repo": "someone/model", "revision": "main"}
    text = refusal(lambda values: values["backbones"].update(language_model=hub))
    assert "revision: found 'main'" in text


def test_missing_key_is_named(refusal: Callable[..., str]) -> None:
    assert "finetune.lora.rank: missing; it has no default" in refusal(lambda v: v["finetune"]["lora"].pop("rank"))
    assert "export: missing" in refusal(lambda values: values.pop("export"))


def test_all_problems_are_told_at_once(refusal: Callable[..., str]) -> None:
    def change(values: Values) -> None:
        del values["seed"]
        values["pretrain"]["clip"] = 0
        values["extra"] = 1

    assert len(refusal(change).splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: [1", "is not valid YAML"), ("", "found NoneType"), ("- 1", "found list")],
)
def test_file_that_is_no_mapping(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError, match=said):
        load_params(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp949"])
def test_other_encodings_are_named(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text("profile: 데모\nseed: 17\n", encoding=encoding)
    with pytest.raises(ParamsError, match=r"params\.yaml is not (UTF-8 .*: save it as UTF-8|valid YAML)"):
        load_params(path)


def test_the_mark_at_the_beginning_of_utf_8_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (ROOT / "params.yaml").read_bytes())
    assert load_params(path) == load_params(ROOT / "params.yaml")


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="cannot be read: Is a directory"):
        load_params(tmp_path)


def test_missing_file_brings_the_command(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="make profile P=demo"):
        load_params(tmp_path / "params.yaml")


def test_demo_backbones_come_with_the_project() -> None:
    backbones = load_params(ROOT / "params.yaml").backbones
    assert isinstance(backbones.image_encoder, ShippedBackbone)
    assert isinstance(backbones.language_model, ShippedBackbone)
