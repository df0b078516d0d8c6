"""Code decides what is taken up of earlier work: in a copy of the project's code, files change one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from components.archives.files import Files
from components.bundles.manifest import Manifest, write_manifest
from components.evaluate.models.places import Place
from components.evaluate.models.spec import Layout, ModelSpec
from components.evaluate.predict.code import answering_code
from components.fingerprints.code import ROOT
from components.fingerprints.stage import stage_fingerprint
from components.ingest.checks.rules import Rules
from components.ingest.workplace import workplace
from components.params.load import load_params
from components.params.schema import Params
from components.training.key import run_key
from tests.fingerprints.editing import changed, edited, reworded
from tests.ingest.samples import source

Key = Callable[[Path], str]
"""Of something that is made by the code in a tree."""
Others = Callable[[Path, str], set[str]]


PARAMS = load_params(ROOT / "params.yaml")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, shards, a tokenizer and bundles, as far as their digests go."""
    folder = tmp_path_factory.mktemp("inputs")
    for name in ("start/model.safetensors", "shards/train/a.parquet", "tokenizer/tokenizer.json"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(name, encoding="utf-8")
    (folder / "start/config.json").write_text(json.dumps({"connector": "ldpv2"}), encoding="utf-8")
    for form in ("openvino", "gguf"):
        (folder / form).mkdir()
        write_manifest(folder / form, Manifest(name="a", format=form, weights="F16", files={}))
    return folder


@pytest.fixture(scope="module")
def keys(inputs: Path) -> dict[str, Key]:
    """Everything that is kept by what decides it."""
    return {
        "training": lambda root: run_key(PARAMS, "finetune", inputs / "start", inputs / "shards", root),
        "ingest": lambda root: _workplace(inputs, "aihub-81", root),
        "own answers": lambda root: _answers("own", inputs / "start", root),
        "answers of a LLaVA": lambda root: _answers("llava", inputs / "start", root),
        "a bundle's answers": lambda root: _answers("bundle", inputs / "openvino", root),
        "a GGUF bundle's answers": lambda root: _answers("bundle", inputs / "gguf", root),
        "an endpoint's answers": lambda root: _answers("endpoint", Path(), root),
    }


def _workplace(inputs: Path, reader: str, root: Path) -> str:
    rules = Rules("finetune", 96, 320, 36, str(inputs / "tokenizer"), ("<|image|>",))
    return workplace(inputs, source(reader), Files(inputs / "index", "digest"), rules, 17, root).folder.name


def _answers(layout: Layout, folder: Path, root: Path) -> str:
    return answering_code(ModelSpec("a", "folder:a", layout, "fp32", "cpu"), Place(folder, "digest"), root)


@pytest.fixture(scope="module")
def others(keys: dict[str, Key], tree: Path) -> Others:
    """Says which keys are others while a file of the tree holds a text."""
    before = {name: key(tree) for name, key in keys.items()}

    def compare(file: Path, text: str) -> set[str]:
        with edited(file, text):
            return {name for name, key in keys.items() if key(tree) != before[name]}

    return compare


TORCHS = {"own answers", "answers of a LLaVA"}
BUNDLES = {"a bundle's answers", "a GGUF bundle's answers"}
CONCERNS: dict[str, set[str]] = {
    "training/engine.py": {"training"},
    "training/labels.py": {"training"},
    "training/watch.py": set(),
    "model/modeling.py": {"training", "own answers"},
    "model/ldpv2.py": {"training", "own answers"},
    "model/c_abstractor.py": set(),
    "ingest/checks/text.py": {"ingest"},
    "ingest/readers/aihub_81.py": {"ingest"},
    "ingest/readers/llava.py": set(),
    "ingest/selection/near.py": set(),
    "korean/particles.py": {"ingest"},
    "evaluate/predict/answerer.py": TORCHS,
    "evaluate/models/llava/conversation.py": {"answers of a LLaVA"},
    "evaluate/predict/runtimes.py": BUNDLES,
    "bundles/preprocess.py": BUNDLES,
    "bundles/openvino/pipeline.py": {"a bundle's answers"},
    "bundles/llama_cpp/language_model.py": {"a GGUF bundle's answers"},
    "evaluate/predict/letters.py": TORCHS | BUNDLES,
    "evaluate/judge/endpoint.py": set(),
    "scoring/choice.py": set(),
    "params/schema.py": set(),
    "cluster/session.py": set(),
}


@pytest.mark.parametrize("name", CONCERNS)
def test_other_code_makes_another_key_of_what_it_decides(others: Others, tree: Path, name: str) -> None:
    file = tree / "components" / name
    assert others(file, changed(file)) == CONCERNS[name]


@pytest.mark.parametrize("name", [name for name, concerned in CONCERNS.items() if concerned])
def test_other_comments_docstrings_and_formatting_make_none(others: Others, tree: Path, name: str) -> None:
    file = tree / "components" / name
    assert others(file, reworded(file)) == set()


@pytest.mark.parametrize(("name", "concerned"), [("ocr", {"ingest"}), ("labels", set())])
def test_a_wording_counts_where_it_is_used(others: Others, tree: Path, name: str, concerned: set[str]) -> None:
    file = tree / f"components/ingest/wordings/{name}.yaml"
    assert others(file, file.read_text(encoding="utf-8") + "# 다른 말\n") == concerned


@pytest.mark.parametrize(
    ("name", "taken_out"),
    [
        ("ingest/readers/__init__.py", ['    "llava": llava.read,\n', " llava,"]),
        (
            "model/connectors.py",
            ['    "mlp2x_gelu": Mlp2xGeluConnector,\n', "from .mlp2x_gelu import Mlp2xGeluConnector\n"],
        ),
    ],
)
def test_a_plugin_more_or_less_concerns_nobody_who_does_not_name_it(
    others: Others, tree: Path, name: str, taken_out: list[str]
) -> None:
    file = tree / "components" / name
    text = file.read_text(encoding="utf-8")
    for part in taken_out:
        assert part in text
        text = text.replace(part, "")
    assert others(file, text) == set()


@pytest.mark.parametrize(
    ("change", "is_other"),
    [
        ({"finetune": {"epochs": 5.0}}, True),
        ({"model": {"use_cls": False}}, True),
        ({"seed": 3}, True),
        ({"finetune": {"log_every": 1, "checkpoint_every": 7, "max_failures": 9}}, False),
        ({"pretrain": {"epochs": 5.0}}, False),
        ({"evaluate": {"batch": 1}}, False),
    ],
)
def test_parameters_count_where_they_decide(inputs: Path, change: dict[str, object], is_other: bool) -> None:
    values = PARAMS.model_dump()
    for key, value in change.items():
        values[key] = values[key] | value if isinstance(value, dict) else value
    own, other = (
        run_key(one, "finetune", inputs / "start", inputs / "shards") for one in (PARAMS, Params.model_validate(values))
    )
    assert (own != other) == is_other


def test_data_and_libraries_count(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def key() -> str:
        return run_key(PARAMS, "finetune", inputs / "start", inputs / "shards")

    own = key()
    with edited(inputs / "shards/train/a.parquet", "other rows"):
        assert key() != own
    with edited(inputs / "start/model.safetensors", "other weights"):
        assert key() != own
    assert key() == own
    monkeypatch.setattr("components.fingerprints.libraries.version", lambda package: "0.0")
    assert key() != own


STAGES = {
    "backbones": "backbones/stage.py",
    "ingest": "ingest/selection/near.py",
    "pretrain": "training/engine.py",
    "finetune": "finetune/stage.py",
    "evaluate": "scoring/parsers/letter.py",
    "export": "export/openvino/quantise.py",
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_known_by_its_code(tree: Path, stage: str) -> None:
    before = stage_fingerprint(stage, PARAMS, ROOT, tree)
    file = tree / "components" / STAGES[stage]
    with edited(file, changed(file)):
        changes = stage_fingerprint(stage, PARAMS, ROOT, tree).changes_since(before)
    assert changes == [f"components/{STAGES[stage]} changed"]
    with edited(file, reworded(file)):
        assert stage_fingerprint(stage, PARAMS, ROOT, tree) == before
