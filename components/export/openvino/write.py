"""A bundle of OpenVINO models: converted, quantised, written with all that OpenVINO GenAI needs beside them."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import openvino as ov

from components.bundles.openvino import names
from components.bundles.preprocess import Preprocessing
from components.export.openvino.changes import change_json, without_code
from components.export.openvino.convert import convert_embeddings, convert_image_encoder, convert_language_model
from components.export.openvino.forms import LADDER, UNQUANTISED, Form
from components.export.openvino.quantise import compress_to_int4, compress_to_int8, quantise_image_encoder
from components.export.openvino.sensitivity import most_sensitive_first
from components.export.openvino.tokenizer import write_tokenizer
from components.export.original import Original
from components.export.samples import Sample
from components.files.atomic import write_json
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor
from components.params.export import OpenVinoBundle
from components.stages.errors import UserError

_RANKING_PICTURES = 8

_log = logging.getLogger(__name__)


class NothingToCalibrate(UserError):
    """No sample has a picture to calibrate the image encoder with."""


class ImageEncoders:
    """Image encoder and connector in the forms that bundles can have; each is computed once."""

    def __init__(
        self,
        model: KoreanVlmForConditionalGeneration,
        processor: KoreanVlmProcessor,
        samples: Sequence[Sample],
    ) -> None:
        """Samples are to calibrate with."""
        self._model, self._made = model, dict[Form, ov.Model]()
        preprocess = Preprocessing.from_config(processor.image_processor.to_dict())
        self._pixels = [preprocess(sample.picture) for sample in samples if sample.picture is not None]

    def form(self, form: Form, wanted: OpenVinoBundle) -> ov.Model:
        """The graph of a form; a bundle's name and weights are for the message.

        Raises:
            NothingToCalibrate: if no sample has a picture and the form is calibrated.
        """
        if form not in self._made:
            self._made[form] = self._make(form, wanted)
        return self._made[form]

    def _make(self, form: Form, wanted: OpenVinoBundle) -> ov.Model:
        graph = convert_image_encoder(self._model)
        if form == UNQUANTISED:
            return graph
        if form.left_out is None:
            return compress_to_int8(graph)
        if not self._pixels:
            raise NothingToCalibrate(
                f"export.bundles[{wanted.name}].weights is {wanted.weights}, but no sample of the validation and test "
                "splits has a picture to calibrate with: raise ingest.split.validation, or export weights fp16"
            )
        left_out = self._most_sensitive(form.left_out)
        _log.info("quantising the image encoder (%s), calibrated on %d pictures", form.name, len(self._pixels))
        return quantise_image_encoder(graph, self._pixels, left_out)

    def _most_sensitive(self, share: float) -> list[str]:
        return self._ranked[: round(share * len(self._ranked))] if share else []

    @cached_property
    def _ranked(self) -> list[str]:
        _log.info("ranking the image encoder's layers by what rounding them changes")
        return most_sensitive_first(self._model, self._pixels[:_RANKING_PICTURES])


def image_encoder_forms(wanted: OpenVinoBundle) -> tuple[Form, ...]:
    """Those that a bundle may have, from the fastest to the most exact."""
    return (UNQUANTISED,) if wanted.weights == "fp16" else LADDER


def write_image_encoder(folder: Path, image_encoder: ov.Model) -> None:
    """Write, or replace, a bundle's image encoder."""
    ov.save_model(image_encoder, folder / names.IMAGE_ENCODER)


def write_openvino(
    folder: Path,
    wanted: OpenVinoBundle,
    model: KoreanVlmForConditionalGeneration,
    processor: KoreanVlmProcessor,
    samples: Sequence[Sample],
    image_encoders: ImageEncoders | None = None,
) -> None:
    """Write all files but the manifest into an empty folder, the image encoder in its fastest form.

    Args:
        folder: must exist.
        wanted: which weights the language model gets; everything else is int8 beside int8 or int4, fp16 beside fp16.
        model: in fp32.
        processor: the model's.
        samples: to calibrate with, and to try the tokenizer on; not needed for fp16.
        image_encoders: of this model, where some have been made already.

    Raises:
        NothingToCalibrate: if weights of eight or four bits are wanted and no sample has a picture.
    """
    _write_settings(folder, model, processor)
    write_tokenizer(folder, processor, (str(processor.tokenizer.decode(sample.ids)) for sample in samples))
    _log.info("%s: writing, language model in %s", wanted.name, wanted.weights)
    embeddings, language_model = convert_embeddings(model), convert_language_model(model)
    image_encoders = image_encoders or ImageEncoders(model, processor, samples)
    write_image_encoder(folder, image_encoders.form(image_encoder_forms(wanted)[0], wanted))
    if wanted.weights != "fp16":
        embeddings = compress_to_int8(embeddings)
    if wanted.weights == "int8":
        language_model = compress_to_int8(language_model)
    if wanted.weights == "int4":
        language_model = compress_to_int4(language_model, wanted, _embedded(Original(model, processor), samples))
    for name, part in ((names.EMBEDDINGS, embeddings), (names.LANGUAGE_MODEL, language_model)):
        ov.save_model(part, folder / name)


def _embedded(original: Original, samples: Sequence[Sample]) -> list[np.ndarray]:
    pictured = [(one.ids, None if one.picture is None else original.features(one.picture)) for one in samples]
    return [original.embedded(ids, features).numpy() for ids, features in pictured]


def _write_settings(folder: Path, model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor) -> None:
    """Configurations by the names that OpenVINO GenAI reads."""
    # It knows this arrangement (the connector is part of the image encoder's graph) as llava.
    config = model.config.to_dict() | {"model_type": "llava"}
    write_json(folder / "config.json", json.loads(json.dumps(config, default=str)))
    processor.image_processor.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    for name in ("config.json", "preprocessor_config.json"):
        change_json(folder / name, without_code)
