"""Who answers: our own models by the stage that trained them, then the baselines."""

from __future__ import annotations

from components.evaluate.models.spec import NOT_TORCHS, ModelSpec
from components.evaluate.paths import Paths
from components.params.evaluation import Baseline, Evaluate
from components.stages.errors import Missing

DEMO_ORIGIN = "demo:stand-in"


def subject_names(settings: Evaluate) -> list[str]:
    """Everyone, as scores name them."""
    return [*settings.subjects, *(baseline.name for baseline in settings.baselines)]


def model_specs(settings: Evaluate, paths: Paths) -> list[ModelSpec]:
    """Everyone's model.

    Raises:
        Missing: if a stage has not written its model.
    """
    own = [_own(stage, settings, paths) for stage in settings.subjects]
    return [*own, *(_baseline(baseline, settings, paths) for baseline in settings.baselines)]


def _own(stage: str, settings: Evaluate, paths: Paths) -> ModelSpec:
    folder = paths.model(stage)
    if not (folder / "config.json").is_file():
        raise Missing(f"no model in {folder}: run `dvc repro {stage}`, or leave it out of evaluate.subjects")
    return ModelSpec(stage, f"folder:{folder.resolve()}", "own", settings.precision, settings.device)


def _baseline(baseline: Baseline, settings: Evaluate, paths: Paths) -> ModelSpec:
    origin = baseline.origin
    if origin == DEMO_ORIGIN:
        from components.evaluate.models.shipped.stand_in import write_shipped_stand_in

        folder = write_shipped_stand_in(paths.backbones, paths.scratch / "stand-in")
        origin = f"folder:{folder.resolve()}"
    return ModelSpec(
        baseline.name,
        origin,
        baseline.layout,
        baseline.precision,
        "cpu" if baseline.layout in NOT_TORCHS else settings.device,
        system=baseline.system,
        image_encoder=baseline.image_encoder,
        key_env=baseline.key_env,
        version=baseline.version,
    )
