"""A bundle of OpenVINO models: converted, quantised, written with all that OpenVINO GenAI needs beside them."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov

from components.bundles.openvino import names
from components.bundles.preprocess import Preprocessing
from components.export.openvino.changes import change_json, without_code
from components.export.openvino.convert import convert_embeddings, convert_image_encoder, convert_language_model
from components.export.openvino.quantise import compress_to_int4, compress_to_int8, quantise_image_encoder
from components.export.openvino.tokenizer import write_tokenizer
from components.export.original import Original
from components.export.samples import Sample
from components.files.atomic import write_json
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor
from components.params.export import OpenVinoBundle

_log = logging.getLogger(__name__)


class NothingToCalibrate(ValueError):
    """No sample has a picture to calibrate the image encoder with."""


def calibrated_image_encoder(
    wanted: OpenVinoBundle,
    model: KoreanVlmForConditionalGeneration,
    processor: KoreanVlmProcessor,
    samples: Sequence[Sample],
) -> ov.Model:
    """Image encoder and connector in int8: the same for all bundles with weights of eight or four bits.

    Raises:
        NothingToCalibrate: if no sample has a picture.
    """
    preprocess = Preprocessing.from_config(processor.image_processor.to_dict())
    pixels = [preprocess(sample.picture) for sample in samples if sample.picture is not None]
    if not pixels:
        raise NothingToCalibrate(
            f"export.bundles[{wanted.name}].weights is {wanted.weights}, but no sample of the validation and test "
            "splits has a picture to calibrate with: raise ingest.split.validation, or export weights fp16"
        )
    _log.info("%s: quantising the image encoder, calibrated on %d pictures", wanted.name, len(pixels))
    return quantise_image_encoder(convert_image_encoder(model), pixels)


def write_openvino(
    folder: Path,
    wanted: OpenVinoBundle,
    model: KoreanVlmForConditionalGeneration,
    processor: KoreanVlmProcessor,
    samples: Sequence[Sample],
    image_encoder: ov.Model | None = None,
) -> None:
    """Write all files but the manifest into an empty folder.

    Args:
        folder: must exist.
        wanted: which weights the language model gets; everything else is int8 beside int8 or int4, fp16 beside fp16.
        model: in fp32.
        processor: the model's.
        samples: to calibrate with, and to try the tokenizer on; not needed for fp16.
        image_encoder: what ``calibrated_image_encoder`` gives, where it is there already; for fp16 not looked at.

    Raises:
        NothingToCalibrate: if weights of eight or four bits are wanted and no sample has a picture.
    """
    _write_settings(folder, model, processor)
    write_tokenizer(folder, processor, (str(processor.tokenizer.decode(sample.ids)) for sample in samples))
    _log.info("%s: writing, language model in %s", wanted.name, wanted.weights)
    embeddings, language_model = convert_embeddings(model), convert_language_model(model)
    if wanted.weights == "fp16":
        image_encoder = convert_image_encoder(model)
    else:
        image_encoder = image_encoder or calibrated_image_encoder(wanted, model, processor, samples)
        embeddings = compress_to_int8(embeddings)
    if wanted.weights == "int8":
        language_model = compress_to_int8(language_model)
    if wanted.weights == "int4":
        language_model = compress_to_int4(language_model, wanted, _embedded(Original(model, processor), samples))
    for name, part in (
        (names.IMAGE_ENCODER, image_encoder),
        (names.EMBEDDINGS, embeddings),
        (names.LANGUAGE_MODEL, language_model),
    ):
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
