"""The fingerprint of a whole stage, and where its run leaves it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from components.fingerprints.code import ROOT
from components.fingerprints.fingerprint import Fingerprint, of_code
from components.fingerprints.inputs import quick_digest
from components.fingerprints.plugins import plugins_of
from components.fingerprints.values import TRAINING_WHERE_AND_HOW, flatten, without
from components.params.schema import Params
from components.stages.paths import REPORTS

PIPELINE = "dvc.yaml"
SHOWS_ONLY = ("components.training.watch", "components.training.wire")
"""Code of the stages' own that decides nothing that they leave."""
_DECIDES_NOTHING = (
    *(f"{stage}.{key}" for stage in ("pretrain", "finetune") for key in TRAINING_WHERE_AND_HOW),
    "evaluate.actors",
    "evaluate.baselines.*.key_env",
    *(f"evaluate.judge.{key}" for key in ("key_env", "timeout_s", "concurrency", "max_attempts")),
)
"""Parameters that say where and how work is done, not what comes of it."""


def declared_stages(project: Path = Path()) -> dict[str, dict[str, Any]]:
    """What dvc.yaml says of each stage; nothing where there is none."""
    file = project / PIPELINE
    content = YAML(typ="safe").load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return dict(content.get("stages", {}))


def stage_fingerprint(stage: str, params: Params, project: Path = Path(), root: Path = ROOT) -> Fingerprint:
    """All that decides what a stage leaves, as it is now.

    Parameters and inputs are those that dvc.yaml declares. To be taken before the work: code may be edited during it.

    Args:
        stage: its name.
        params: of the run.
        project: the folder in which the stage runs.
        root: the folder in which the package ``components`` lies.
    """
    declared = declared_stages(project).get(stage, {})
    code = of_code(f"components.{stage}.stage", chosen=plugins_of(params, root), without=SHOWS_ONLY, root=root)
    values = flatten(params.model_dump(mode="json"))
    keys = declared.get("params", [])
    wanted = {key: value for key, value in values.items() if any(f"{key}.".startswith(f"{one}.") for one in keys)}
    places = [place for place in declared.get("deps", []) if not place.startswith("components")]
    inputs = {place: quick_digest(project / place) for place in places}
    return Fingerprint(code.code, code.libraries, without(wanted, _DECIDES_NOTHING), inputs)


def record_file(stage: str, project: Path = Path()) -> Path:
    """Where a stage's run leaves its fingerprint. DVC keeps it with the stage's other outputs."""
    return project / REPORTS / stage / "fingerprint.json"
