"""A bundle's files by its format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from components.bundles.llama_cpp.library import load_library
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.gguf.write import check_model, write_gguf
from components.export.openvino.forms import AS_SET, Form
from components.export.openvino.refusals import check_groups
from components.export.openvino.saturation import saturating_products
from components.export.openvino.write import ImageEncoders, image_encoder_forms, write_image_encoder, write_openvino
from components.export.samples import Sample
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor
from components.params.export import BundleParams, GgufBundle, OpenVinoBundle


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
        self._image_encoders = ImageEncoders(model, processor, samples)

    def write(self, folder: Path, wanted: BundleParams, form: Form) -> list[str]:
        """Write all files but card and manifest into an empty folder; if it is written already, another form.

        Returns:
            Why the form cannot be taken, whatever its figures.
        """
        if isinstance(wanted, GgufBundle):
            important = self._samples if wanted.importance else None
            write_gguf(folder, self._model, self._processor, wanted.weights, wanted.projector, important)
            return []
        if not any(folder.iterdir()):
            write_openvino(folder, wanted, self._model, self._processor, self._samples, self._image_encoders)
        graph = self._image_encoders.form(form, wanted)
        write_image_encoder(folder, graph)
        unbounded = saturating_products(graph)
        return [f"products of bytes that may leave 16 bits: {', '.join(unbounded)}"] if unbounded else []


def forms_of(wanted: BundleParams) -> Sequence[Form]:
    """Those that a bundle may have, from the fastest to the most exact."""
    return (AS_SET,) if isinstance(wanted, GgufBundle) else image_encoder_forms(wanted)
