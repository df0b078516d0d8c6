"""All that is measured of one bundle's quality."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from components.bundles.parts import Parts
from components.bundles.parts_of import open_parts
from components.evaluate.paths import Paths
from components.evaluate.statistics.settings import Settings
from components.export.quality.divergence import measure_divergence
from components.export.quality.results import Quality
from components.export.quality.scores import measure_scores
from components.export.samples import Sample
from components.params.export import GgufBundle, OpenVinoBundle
from components.params.schema import Params


def measure_quality(
    folder: Path,
    wanted: OpenVinoBundle | GgufBundle,
    original: Parts,
    samples: Sequence[Sample],
    params: Params,
    root: Path,
) -> Quality:
    """Compare a bundle with the model that it was made from. Opens a Ray session of its own.

    Args:
        folder: the bundle's files with a manifest, which may lack figures.
        wanted: as params.yaml describes the bundle.
        original: the model.
        samples: held out, to measure distributions on.
        params: for decoding, scoring and intervals (section evaluate), and the seed.
        root: the project's folder, with what stages ingest, finetune and evaluate wrote.

    Raises:
        FileNotFoundError: if stage evaluate has not measured the model.
        NotNumbers: if the bundle computes no finite numbers.
    """
    settings = Settings(params.evaluate.confidence, params.evaluate.resamples, params.seed)
    bundle = open_parts(folder, wanted.format)
    divergence, features = measure_divergence(wanted.name, bundle, original, samples, settings)
    del bundle  # its memory is needed by the actor that answers
    paths = Paths(root)
    scores = measure_scores(wanted.name, folder, params, paths, paths.scratch.with_name("export"))
    return Quality(divergence=divergence, features=features, scores=scores, confidence=settings.confidence)
