"""All that is measured of bundles' quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from components.bundles.manifest import read_manifest
from components.bundles.parts import Parts
from components.bundles.parts_of import open_parts
from components.evaluate.paths import Paths
from components.evaluate.statistics.settings import Settings
from components.export.quality.divergence import measure_divergence
from components.export.quality.results import Quality
from components.export.quality.scores import measure_scores
from components.export.samples import Sample
from components.params.schema import Params


def measure_quality(
    folders: Mapping[str, Path],
    original: Parts,
    samples: Sequence[Sample],
    params: Params,
    root: Path,
) -> dict[str, Quality]:
    """Compare bundles with the model that they were made from. Opens a Ray session of its own.

    Args:
        folders: by the bundles' names, with a manifest, which may lack figures.
        original: the model.
        samples: held out, to measure distributions on.
        params: for decoding, scoring and intervals (section evaluate), and the seed.
        root: the project's folder, with what stages ingest, finetune and evaluate wrote.

    Raises:
        FileNotFoundError: if stage evaluate has not measured the model.
        NotNumbers: if a bundle computes no finite numbers.
    """
    settings = Settings(params.evaluate.confidence, params.evaluate.resamples, params.seed)
    bundles = {name: open_parts(folder, read_manifest(folder).format) for name, folder in folders.items()}
    differences = measure_divergence(bundles, original, samples, settings)
    del bundles  # their memory is needed by the actors that answer
    paths = Paths(root)
    scores = measure_scores(folders, params, paths, paths.scratch.with_name("export"))
    return {
        name: Quality(divergence=divergence, features=features, scores=scores[name], confidence=settings.confidence)
        for name, (divergence, features) in differences.items()
    }
