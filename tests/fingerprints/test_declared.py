"""dvc.yaml declares the code of each stage, and the parameters and inputs that its fingerprint counts."""

from __future__ import annotations

import pytest

from components.fingerprints.code import ROOT
from components.fingerprints.stage import declared_stages
from tests.fingerprints.declared import wanted_deps

STAGES = declared_stages(ROOT)


@pytest.mark.parametrize("stage", STAGES)
def test_deps_are_what_the_stage_imports(stage: str) -> None:
    declared = {place for place in STAGES[stage]["deps"] if place.startswith("components")}
    wanted = wanted_deps(stage)
    add, drop = sorted(wanted - declared), sorted(declared - wanted)
    assert not add and not drop, f"dvc.yaml, {stage}: add {', '.join(add) or 'none'}; drop {', '.join(drop) or 'none'}"


@pytest.mark.parametrize("stage", STAGES)
def test_fingerprints_are_kept_with_the_outputs(stage: str) -> None:
    assert f"reports/{stage}/fingerprint.json" in STAGES[stage]["outs"]
