"""An export that was refused is never taken for done, by DVC or by who looks at it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from ruamel.yaml import YAML

from components.export.placing import WRITING, clear, keep_refused, put_in_place
from components.stages.paths import EXPORT, EXPORT_REPORT, REFUSED_EXPORT, REPORTS
from dashboards.records.export import REFUSED, last_refusals
from infra.demo_summary import print_summary
from infra.stage_log import StageLog
from tests.model.tiny import ROOT

METRICS = REPORTS / "export" / "metrics.json"
LIMIT = "export.bundles[int8].limits.kl_mean: found 0.005"


def set_limit(project: Path, kl_mean: float) -> None:
    """In params.yaml, with one bundle."""
    yaml = YAML(typ="safe")
    values = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    bundle = values["export"]["bundles"][0]
    bundle["limits"] |= {"kl_mean": kl_mean, "score_loss": 1.0}
    values["export"]["bundles"] = [bundle]
    with (project / "params.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(values, stream)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose pipeline is this stage, with outputs and parameters as in the project's dvc.yaml."""
    root = tmp_path_factory.mktemp("project")
    declared = YAML(typ="safe").load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]["export"]
    kept = {key: declared[key] for key in ("params", "outs", "metrics")}
    stages = {"export": {"cmd": "python -m tests.export.refusing", **kept}}
    (root / "dvc.yaml").write_text(json.dumps({"stages": stages}), encoding="utf-8")
    (root / ".gitignore").write_text("/scratch/\n", encoding="utf-8")
    run(root, "git", "init", "-q", "-b", "main")
    run(root, "git", "config", "user.email", "tester@example.com")
    run(root, "git", "config", "user.name", "tester")
    dvc(root, "init", "-q")
    return root


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def dvc(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(project, sys.executable, "-m", "dvc", *arguments)


def locked(project: Path) -> Any:
    """What dvc.lock says of the stage."""
    return YAML(typ="safe").load((project / "dvc.lock").read_text(encoding="utf-8"))["stages"]["export"]


def test_a_refused_export_is_never_passed_off_as_done(project: Path) -> None:
    set_limit(project, 0.01)
    leave_outputs(project)
    assert dvc(project, "commit", "--force").returncode == 0
    run(project, "git", "add", "-A")
    run(project, "git", "commit", "-qm", "a good export")
    good = locked(project)
    set_limit(project, 0.001)
    refused = dvc(project, "repro")
    assert refused.returncode != 0
    assert f"{LIMIT}, at most 0.001 is allowed" in refused.stderr and str(REFUSED_EXPORT) in refused.stderr
    assert not (project / EXPORT).exists() and not (project / METRICS).exists()
    assert dvc(project, "exp", "save", "--name", "refused").returncode != 0
    assert dvc(project, "commit", "--force").returncode != 0
    assert locked(project) == good
    assert "Running stage 'export'" in dvc(project, "repro", "--dry").stdout
    refused_is_shown(project)


def test_a_refusal_is_forgotten_when_an_export_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    clear()
    (WRITING / "report.json").write_text("refused", encoding="utf-8")
    assert (keep_refused() / "report.json").read_text(encoding="utf-8") == "refused"
    clear()
    assert (REFUSED_EXPORT / "report.json").is_file()  # until another run has ended
    assert not EXPORT.exists()
    (WRITING / "report.json").write_text("good", encoding="utf-8")
    put_in_place()
    assert EXPORT_REPORT.read_text(encoding="utf-8") == "good"
    assert not REFUSED_EXPORT.exists() and not WRITING.exists()


def leave_outputs(project: Path) -> None:
    """What an export that was good has left."""
    for file in (EXPORT / "report.json", METRICS, METRICS.with_name("fingerprint.json")):
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        (project / file).write_text("{}", encoding="utf-8")


def refused_is_shown(project: Path) -> None:
    """To whoever looks at the folder, the dashboard and the end of the demo."""
    kept = project / REFUSED_EXPORT
    assert (kept / "bundles" / "int8" / "weights.bin").is_file()
    assert re.search(r"kl\\_mean: found 0\.005", (kept / "report.md").read_text(encoding="utf-8"))
    assert (project / REFUSED) == kept / EXPORT_REPORT.name
    (reason,) = last_refusals(project)
    assert reason.startswith(LIMIT)
    log = StageLog()
    log.feed(b"Running stage 'export':\nERROR: failed to reproduce 'export'\n", 1.0)
    console = Console(width=120, record=True)
    print_summary(console, project, log, failed=True)
    assert f"{REFUSED_EXPORT}/report.md" in console.export_text()
