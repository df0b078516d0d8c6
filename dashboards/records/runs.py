"""Runs: the workspace, commits and experiments, as `dvc exp show` lists them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dashboards.records.files import WORKSPACE
from dashboards.records.problem import RecordError, stage_of

Number = int | float
RunKind = Literal["workspace", "commit", "experiment"]
COMMAND = "dvc exp show --json"


@dataclass(frozen=True)
class Run:
    """One run: what it is called, where its files are, what went in and what came out."""

    name: str
    revision: str
    kind: RunKind
    created: str = ""
    state: str = ""
    error: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Number] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """A name that tells two runs of the same name apart."""
        return self.name if self.kind == "workspace" else f"{self.name} ({self.revision[:7]})"


WORKSPACE_RUN = Run(WORKSPACE, WORKSPACE, "workspace")


def show_runs(root: Path, commits: int) -> list[Run]:
    """The workspace, the last commits of HEAD and the experiments that came from them."""
    command = [sys.executable, "-m", "dvc", "exp", "show", "--json", "--num", str(commits)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.strip().splitlines() if line]
        detail = lines[0] if lines else f"exit {done.returncode}"
        fix = "dvc init && make demo" if "not inside of a DVC repository" in detail else "dvc doctor"
        raise RecordError("tool", COMMAND, detail, fix)
    return parse_runs(done.stdout)


def parse_runs(text: str) -> list[Run]:
    """Runs out of the JSON that `dvc exp show --json` prints."""
    try:
        rows = json.loads(text)
        return [run for row in rows for run in _runs_of(row)]
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RecordError("damaged", COMMAND, f"{type(error).__name__}: {error}") from error


def is_empty(run: Run) -> bool:
    """Whether a run has no figures yet: a commit of code alone, or a workspace where nothing ran."""
    return not run.metrics and not run.error


def state_stamp(root: Path) -> str:
    """Changes whenever the list of runs may have: refs, records, parameters, metrics, running experiments."""
    refs = subprocess.run(
        ["git", "for-each-ref", "--format=%(objectname) %(refname)"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False).stdout
    watched = [root / name for name in ("params.yaml", "dvc.yaml", "dvc.lock")]
    for folder, pattern in ((root / "reports", "*/metrics.json"), (root / ".dvc/tmp/exps", "run/*/*")):
        watched += sorted(folder.glob(pattern))
    stamps = [f"{path}:{path.stat().st_mtime_ns}" for path in watched if path.is_file()]
    return "\n".join([head, refs, *stamps])


def _runs_of(row: dict[str, Any]) -> list[Run]:
    kind: RunKind = "workspace" if row["rev"] == WORKSPACE else "commit"
    runs = [_run(row, kind)]
    for experiment in row.get("experiments") or []:
        executor = experiment.get("executor") or {}
        # A run with checkpoints has several revisions; the first is the newest.
        runs += [_run(revision, "experiment", executor.get("state") or "") for revision in experiment["revs"][:1]]
    return runs


def _run(row: dict[str, Any], kind: RunKind, state: str = "") -> Run:
    data = row.get("data") or {}
    error = row.get("error") or {}
    return Run(
        name=row.get("name") or (WORKSPACE if kind == "workspace" else row["rev"][:7]),
        revision=row["rev"],
        kind=kind,
        created=str(data.get("timestamp") or "").replace("T", " "),
        state=state,
        error=str(error.get("msg") or error.get("type") or ""),
        params=_params(data.get("params") or {}),
        metrics=_metrics(data.get("metrics") or {}),
    )


def _params(files: dict[str, Any]) -> dict[str, Any]:
    return flatten((files.get("params.yaml") or {}).get("data") or {})


def _metrics(files: dict[str, Any]) -> dict[str, Number]:
    merged: dict[str, Number] = {}
    for name, content in files.items():
        stage = stage_of(name) or Path(name).stem
        for key, value in flatten(content.get("data") or {}).items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                merged[f"{stage}.{key}"] = value
    return merged


def flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested dict as one level, keys joined by dots."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
