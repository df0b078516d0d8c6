"""All that is measured of bundles' quality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from components.bundles.manifest import read_manifest
from components.bundles.openvino.arithmetic import own_arithmetic
from components.bundles.parts import Parts
from components.bundles.parts_of import open_parts
from components.bundles.processor import Arithmetic, Processor, instruction_set, processor_name
from components.evaluate.paths import Paths
from components.evaluate.statistics.settings import Settings
from components.export.quality.divergence import Differences, measure_divergence
from components.export.quality.results import Elsewhere, Quality
from components.export.quality.scores import measure_scores
from components.export.samples import Sample
from components.params.schema import Params

_ARITHMETICS: tuple[Arithmetic, ...] = ("exact", "saturating")
_Key = tuple[str, Arithmetic]


def measure_distributions(
    folders: Mapping[str, Path], original: Parts, samples: Sequence[Sample], params: Params
) -> dict[str, Quality]:
    """Compare what bundles compute with the model that they were made from, in each arithmetic; no benchmarks yet.

    Args:
        folders: by the bundles' names, with a manifest, which may lack figures.
        original: the model.
        samples: held out.
        params: for intervals (section evaluate), and the seed.

    Raises:
        NotNumbers: if a bundle computes no finite numbers.
    """
    settings = Settings(params.evaluate.confidence, params.evaluate.resamples, params.seed)
    processor = Processor(processor_name(), instruction_set(), own_arithmetic())
    parts = {
        (name, arithmetic): open_parts(folder, read_manifest(folder).format, arithmetic=arithmetic)
        for name, folder in folders.items()
        for arithmetic in _measured(folder, processor.arithmetic)
    }
    own = processor.arithmetic
    told = {name if one == own else f"{name} ({one})": each for (name, one), each in parts.items()}
    found = dict(zip(parts, measure_divergence(told, original, samples, settings).values(), strict=True))
    return {name: _quality(name, found, processor, settings.confidence) for name in folders}


def with_scores(
    qualities: Mapping[str, Quality], folders: Mapping[str, Path], params: Params, root: Path
) -> dict[str, Quality]:
    """The same with benchmarks beside them, in the arithmetic of the processor at hand.

    Args:
        folders: of all these bundles.
        params: for decoding, scoring and intervals (section evaluate), and the seed.
        root: the project's folder, with what stages ingest, finetune and evaluate wrote.

    Raises:
        Missing: if stage evaluate has not measured the model.
    """
    paths = Paths(root)
    scores = measure_scores(folders, params, paths, paths.scratch.with_name("export"))
    return {name: quality.model_copy(update={"scores": scores[name]}) for name, quality in qualities.items()}


def _measured(folder: Path, own: Arithmetic) -> Iterator[Arithmetic]:
    """The processor's own arithmetic first. Files for llama.cpp, and what is not quantised, give the same in all."""
    yield own
    manifest = read_manifest(folder)
    if manifest.format == "openvino" and manifest.weights != "fp16":
        yield from (arithmetic for arithmetic in _ARITHMETICS if arithmetic != own)


def _quality(name: str, found: Mapping[_Key, Differences], processor: Processor, confidence: float) -> Quality:
    own, *others = [(arithmetic, differences) for (whose, arithmetic), differences in found.items() if whose == name]
    divergence, features = own[1]
    return Quality(
        divergence=divergence,
        features=features,
        scores=[],
        confidence=confidence,
        processor=processor,
        elsewhere={arithmetic: Elsewhere(divergence=far, features=tokens) for arithmetic, (far, tokens) in others},
    )
