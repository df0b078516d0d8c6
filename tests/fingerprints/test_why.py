"""``python -m components.stages why``: in a small project, with what a run would have noted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from components.fingerprints.code import ROOT
from components.fingerprints.fingerprint import Fingerprint, NoFingerprint
from components.fingerprints.stage import record_file, stage_fingerprint
from components.params.load import load_params
from components.stages.__main__ import main
from components.stages.why import UnknownStage, why

STAGE = "finetune"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which stage 2 has run; the working folder."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("artifacts/pretrain/model/model.safetensors", "artifacts/ingest/shards/finetune/train/a.parquet"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    stage_fingerprint(STAGE, load_params()).write(record_file(STAGE))
    return tmp_path


def ask(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit status."""
    monkeypatch.setattr("sys.argv", ["components.stages", "why", *arguments])
    return main()


def edit(project: Path, **changes: object) -> None:
    """Change keys of stage 2 in params.yaml."""
    yaml = YAML(typ="safe")
    values = yaml.load((project / "params.yaml").read_text(encoding="utf-8"))
    values[STAGE] |= changes
    with (project / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(values, file)


def test_what_nothing_has_changed_of_is_fresh(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(project, log_every=3, workers=2)
    assert ask(monkeypatch, STAGE) == 0
    assert capsys.readouterr().out == "finetune: fresh\n"


def test_every_reason_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = json.loads(record_file(STAGE).read_text(encoding="utf-8"))
    noted["code"]["components/training/engine.py"] = "another"
    noted["code"]["components/training/gone.py"] = noted["code"].pop("components/training/loop.py")
    noted["libraries"]["torch"] = "1.0"
    record_file(STAGE).write_text(json.dumps(noted), encoding="utf-8")
    edit(project, epochs=4)
    (project / "artifacts/pretrain/model/model.safetensors").write_text("other", encoding="utf-8")
    assert ask(monkeypatch, STAGE) == 1
    torch = stage_fingerprint(STAGE, load_params()).libraries["torch"]
    assert capsys.readouterr().out.splitlines() == [
        "finetune: stale",
        "  components/training/engine.py changed",
        "  components/training/gone.py no longer counts",
        "  components/training/loop.py is new",
        "  finetune.epochs 2 -> 4",
        f"  torch 1.0 -> {torch}",
        "  artifacts/pretrain/model changed",
    ]


def test_without_a_name_every_stage_is_told_of(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(monkeypatch) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "backbones: stale"
    assert told[1].startswith("  there is no reports/backbones/fingerprint.json: it has not run here")
    assert "finetune: fresh" in told


def test_what_cannot_be_said_is_an_error(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        ask(monkeypatch, "finetun")
    assert ended.value.code == 2
    assert "no stage 'finetun' in dvc.yaml: there are backbones, ingest" in capsys.readouterr().err
    with pytest.raises(UnknownStage):
        why("no", load_params())


def test_a_record_that_is_none_is_named(project: Path) -> None:
    record_file(STAGE).write_text("[]", encoding="utf-8")
    with pytest.raises(NoFingerprint, match=r"reports/finetune/fingerprint\.json is no fingerprint: `dvc checkout"):
        why(STAGE, load_params())


def test_what_was_written_is_read(tmp_path: Path) -> None:
    fingerprint = Fingerprint({"a.py": "1"}, {"torch": "2"}, {"글": "가", "none": None, "list": [1, 2.5]}, {"d": ""})
    fingerprint.write(tmp_path / "f.json")
    assert Fingerprint.read(tmp_path / "f.json") == fingerprint
    assert Fingerprint.read(tmp_path / "f.json").digest == fingerprint.digest


def test_it_asks_neither_torch_nor_ray(project: Path) -> None:
    code = (
        "import sys; sys.argv = ['stages', 'why']; import components.stages.__main__ as stages; stages.main(); "
        "assert not {'torch', 'ray', 'transformers'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
