"""A bundle's files by its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from components.export.openvino.write import write_openvino
from components.export.samples import Sample
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor
from components.params.export import GgufBundle, OpenVinoBundle


def write_files(
    folder: Path,
    wanted: OpenVinoBundle | GgufBundle,
    model: KoreanVlmForConditionalGeneration,
    processor: KoreanVlmProcessor,
    samples: Sequence[Sample],
) -> None:
    """Write all files but card and manifest into an empty folder; samples are to calibrate with."""
    if isinstance(wanted, OpenVinoBundle):
        write_openvino(folder, wanted, model, processor, samples)
    else:
        from components.export.gguf.write import write_gguf

        important = samples if wanted.importance else None
        write_gguf(folder, model, processor, wanted.weights, wanted.projector, important)
