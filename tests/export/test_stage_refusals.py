"""What a wanted bundle cannot hold of the model ends the stage before anything is computed."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from components.bundles.llama_cpp.library import NotInstalled
from components.export import stage
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.openvino.refusals import GroupsDoNotFit
from components.params.export import GgufBundle
from components.params.schema import Params
from components.stages.paths import BUNDLES, EXPORT
from tests.export.conftest import Pair, limits, wanted
from tests.export.gguf.conftest import no_library, without_cls
from tests.model.tiny import ROOT, params

__all__ = ["no_library", "without_cls"]

INT8 = wanted("int8")
INT4 = wanted("int4", group_size=32)
GGUF = GgufBundle(name="llama", format="gguf", weights="Q8_0", projector="F16", limits=limits())


def exporting(*bundles: Any) -> Params:
    """The project's parameters with other bundles."""
    return params().model_copy(update={"export": params().export.model_copy(update={"bundles": list(bundles)})})


@pytest.fixture
def computed(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the stage did with the small model after it was loaded; its widths are 48 and 96, its patches 12 x 12."""
    done: list[str] = []

    def samples(*_: object) -> None:
        done.append("samples")
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(stage, "load_model", lambda *_, **__: pair)
    monkeypatch.setattr(stage, "calibration_samples", samples)
    return done


@pytest.mark.parametrize(
    ("last", "error", "said"),
    [
        (INT4, GroupsDoNotFit, r"export\.bundles\[int4\]\.group_size: 32 does not divide .*48 \(hidden_size\)"),
        (GGUF, NotForLlamaCpp, r"export\.bundles\[llama\]: connector ldpv2 reads 12 x 12 .* 24 x 24"),
    ],
)
def test_last_bundle_is_refused_before_the_first_is_begun(
    computed: list[str], last: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        stage.run(exporting(INT8, last))
    assert not computed
    assert not EXPORT.exists()


def test_a_missing_llama_cpp_is_told_before_the_first_is_begun(
    computed: list[str], without_cls: Pair, no_library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "load_model", lambda *_, **__: without_cls)
    with pytest.raises(NotInstalled, match=r"pip install 'small-korean-vlm\[gguf\]'"):
        stage.run(exporting(INT8, GGUF))
    assert not computed


def test_what_was_exported_before_stays_where_nothing_is_begun(computed: list[str]) -> None:
    kept = BUNDLES / "int8" / "manifest.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}", encoding="utf-8")
    with pytest.raises(GroupsDoNotFit):
        stage.run(exporting(INT8, INT4))
    assert kept.is_file()
    with pytest.raises(KeyboardInterrupt):
        stage.run(exporting(INT8))
    assert not kept.exists()


def test_what_can_be_held_goes_on(computed: list[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        stage.run(exporting(INT8))
    assert computed == ["samples"]


@pytest.mark.parametrize("kind", [GroupsDoNotFit, NotForLlamaCpp, NotInstalled, stage.NotGoodEnough])
def test_refusals_end_the_program_with_their_message_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: type[Exception]
) -> None:
    def refuse(_: Params) -> None:
        raise kind("not this one")

    monkeypatch.setattr(stage, "run", refuse)
    monkeypatch.setattr("sys.argv", ["export", "--params", str(ROOT / "params.yaml")])
    with pytest.raises(SystemExit, match=r"^1$"):
        runpy.run_module("components.export", run_name="__main__")
    assert capsys.readouterr().err.endswith("error: not this one\n")
