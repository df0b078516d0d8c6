"""Why a stage's result is stale: what it was made from, as its run noted it, beside what is there now."""

from __future__ import annotations

from pathlib import Path

from components.fingerprints.fingerprint import Fingerprint
from components.fingerprints.stage import declared_stages, record_file, stage_fingerprint
from components.params.schema import Params
from components.stages.errors import UserError


class UnknownStage(UserError):
    """dvc.yaml has no such stage."""


def why(stage: str, params: Params, project: Path = Path()) -> list[str]:
    """Reasons for which a stage's result is stale; none if it is fresh.

    Raises:
        UnknownStage: naming those that there are.
        NoFingerprint: if what the run noted cannot be read.
    """
    stages = declared_stages(project)
    if stage not in stages:
        raise UnknownStage(f"no stage {stage!r} in dvc.yaml: there are {', '.join(stages) or 'none here'}")
    file = record_file(stage, project)
    if not file.is_file():
        return [f"there is no {file}: it has not run here; `dvc repro {stage}`, or `dvc pull` where somebody ran it"]
    return stage_fingerprint(stage, params, project).changes_since(Fingerprint.read(file))
