"""A bundle's files by its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openvino as ov

from components.bundles.llama_cpp.library import load_library
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.gguf.write import check_model, write_gguf
from components.export.openvino.refusals import check_groups
from components.export.openvino.write import calibrated_image_encoder, write_openvino
from components.export.samples import Sample
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor
from components.params.export import GgufBundle, OpenVinoBundle


def check_bundles(
    bundles: Sequence[OpenVinoBundle | GgufBundle],
    model: KoreanVlmForConditionalGeneration,
    processor: KoreanVlmProcessor,
) -> None:
    """Look, before anything is computed, for what a wanted format cannot hold of a model.

    Raises:
        GroupsDoNotFit: if an OpenVINO bundle's groups do not divide the language model's widths.
        NotForLlamaCpp: if a GGUF bundle is wanted and llama.cpp cannot run the model.
        NotInstalled: if a GGUF bundle is wanted and llama-cpp-python is not there.
    """
    for wanted in bundles:
        if isinstance(wanted, OpenVinoBundle):
            check_groups(wanted, model.config)
            continue
        try:
            check_model(model, processor)
        except NotForLlamaCpp as error:
            raise NotForLlamaCpp(f"export.bundles[{wanted.name}]: {error}") from error
        load_library()  # quantises, and is what the bundle is compared in


class BundleWriter:
    """Writes bundles of one model; what several of them hold is computed once."""

    def __init__(
        self, model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor, samples: Sequence[Sample]
    ) -> None:
        """Samples are to calibrate with."""
        self._model, self._processor, self._samples = model, processor, samples
        self._image_encoder: ov.Model | None = None

    def write(self, folder: Path, wanted: OpenVinoBundle | GgufBundle) -> None:
        """Write all files but card and manifest into an empty folder."""
        if isinstance(wanted, OpenVinoBundle):
            of_model = self._model, self._processor, self._samples
            if wanted.weights != "fp16" and self._image_encoder is None:
                self._image_encoder = calibrated_image_encoder(wanted, *of_model)
            write_openvino(folder, wanted, *of_model, self._image_encoder)
        else:
            important = self._samples if wanted.importance else None
            write_gguf(folder, self._model, self._processor, wanted.weights, wanted.projector, important)
