"""A bundle that says a picture's pixels as tokens: what a runtime does to pictures before the model can be seen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai
from openvino import opset15 as ops
from openvino._offline_transformations import apply_make_stateful_transformation
from PIL import Image

from components.bundles.openvino import names
from components.bundles.openvino.pipeline import as_tensor
from components.files.atomic import write_json

FIRST = 300
"""The id that says 0; FIRST + 255 says 255. No prompt of the probe has such ids."""
VALUES = 256
_TEXT, _SAID = -1.0, -2.0
"""What ids are embedded as: others, and those that say a value. Pixels are 0 to 255."""


class Probe:
    """``openvino_genai.VLMPipeline`` on such a bundle."""

    def __init__(self, folder: Path, side: int) -> None:
        self._pipeline = genai.VLMPipeline(str(folder), "CPU", INFERENCE_NUM_THREADS=1, ATTENTION_BACKEND="SDPA")
        self._side = side

    def pixels(self, picture: Image.Image) -> np.ndarray:
        """What reaches the image encoder of a picture, in eight bits: (side, side, 3)."""
        listener = _Listener()
        config = self._pipeline.get_generation_config()
        config.max_new_tokens, config.do_sample, config.apply_chat_template = self._side**2 * 3, False, False
        self._pipeline.generate(
            names.IMAGE_TOKEN, images=[as_tensor(picture)], generation_config=config, streamer=listener
        )
        values = np.array(listener.ids) - FIRST
        return values.reshape(3, self._side, self._side).transpose(1, 2, 0)


class _Listener(genai.StreamerBase):
    """Keeps ids as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[int] = []

    def write(self, token: int | list[int]) -> genai.StreamingStatus:
        self.ids += [token] if isinstance(token, int) else token
        return genai.StreamingStatus.RUNNING

    def end(self) -> None:
        """Nothing is kept back."""


def write_probe(folder: Path, bundle: Path, side: int) -> None:
    """Turn a copy of a bundle into a probe for pictures of ``side`` pixels: its tokenizer and settings stay.

    Args:
        folder: must not exist.
        bundle: any OpenVINO bundle.
    """
    shutil.copytree(bundle, folder)
    picture = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf-8"))
    picture |= {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}}
    write_json(folder / "preprocessor_config.json", picture)
    model = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model["image_seq_length"] = side**2 * 3
    model["vision_config"] |= {"image_size": side, "patch_size": 1}
    model["text_config"] |= {"hidden_size": 1}
    write_json(folder / "config.json", model)
    vocabulary = model["text_config"]["vocab_size"]
    ov.save_model(
        _image_encoder(side, picture["image_mean"], picture["image_std"]), folder / names.IMAGE_ENCODER, False
    )
    ov.save_model(_embeddings(vocabulary), folder / names.EMBEDDINGS, False)
    ov.save_model(_language_model(vocabulary), folder / names.LANGUAGE_MODEL, False)


def _f32(values: Any) -> Any:
    return ops.constant(np.array(values, dtype=np.float32))


def _i64(values: Any) -> Any:
    return ops.constant(np.array(values, dtype=np.int64))


def _size(node: Any, axis: int) -> Any:
    return ops.gather(ops.shape_of(node, "i64"), _i64([axis]), _i64(0))


def _image_encoder(side: int, mean: list[float], std: list[float]) -> ov.Model:
    """Hands on 0 to 255 for each colour of each pixel, as one image token each."""
    pixels = ops.parameter([-1, 3, side, side], np.float32, name="pixel_values")
    shape = (1, 3, 1, 1)
    colour = (pixels * _f32(np.reshape(std, shape)) + _f32(np.reshape(mean, shape))) * _f32(255)
    tokens = ops.reshape(colour, _i64([0, side**2 * 3, 1]), special_zero=True)
    return _model([tokens], [pixels], ["last_hidden_state"], "image_encoder")


def _embeddings(vocabulary: int) -> ov.Model:
    ids = ops.parameter([-1, -1], np.int64, name="input")
    table = np.full((vocabulary, 1), _TEXT, dtype=np.float32)
    table[FIRST : FIRST + VALUES] = _SAID
    return _model([ops.gather(_f32(table), ids, _i64(0))], [ids], ["inputs_embeds"], "embeddings")


def _language_model(vocabulary: int) -> ov.Model:
    """After n ids that say a value, the next says that of pixel n. Its state is all that it read."""
    embedded = ops.parameter([-1, -1, 1], np.float32, name="inputs_embeds")
    mask = ops.parameter([-1, -1], np.int64, name="attention_mask")
    positions = ops.parameter([-1, -1], np.int64, name="position_ids")
    beams = ops.parameter([-1], np.int32, name="beam_idx")
    past = ops.parameter([1, 1, -1, 1], np.float32, name="past_key_values.0.key")
    read = ops.concat([past, ops.unsqueeze(embedded, _i64(1))], axis=2)
    seen = ops.reshape(read, _i64([-1]), special_zero=False)
    said = ops.reduce_sum(ops.convert(ops.equal(seen, _f32(_SAID)), np.int64), _i64([0]), keep_dims=False)
    places = ops.squeeze(ops.non_zero(ops.convert(ops.greater_equal(seen, _f32(-0.75)), np.int64), "i64"), _i64([0]))
    # Behind the last pixel it repeats the last: the loop may ask once more than is wanted.
    last = ops.shape_of(places, "i64") - _i64([1])
    pixel = ops.gather(seen, ops.gather(places, ops.minimum(said, last), _i64(0)), _i64(0))
    wanted = ops.convert(ops.round(pixel, "half_to_even"), np.int64) + _i64(FIRST)
    others = ((mask, _i64([0, 1])), (positions, _i64([0, 1])), (beams, _i64([0])))
    chosen = ops.one_hot(wanted, _i64(vocabulary), _f32(1), _f32(0), 1)
    unused = sum((ops.reduce_sum(ops.convert(one, np.float32), axes) for one, axes in others), start=_f32(0))
    logits = ops.reshape(chosen, _i64([1, 1, vocabulary]), special_zero=False) + unused * _f32(0)
    shape = ops.concat([_i64([1]), _size(embedded, 1), _i64([vocabulary])], axis=0)
    model = _model(
        [ops.broadcast(logits, shape), read],
        [embedded, mask, positions, beams, past],
        ["logits", "present.0.key"],
        "language_model",
    )
    apply_make_stateful_transformation(model, {"past_key_values.0.key": "present.0.key"})
    return model


def _model(results: list[Any], parameters: list[Any], outputs: list[str], name: str) -> ov.Model:
    model = ov.Model([ops.result(one) for one in results], parameters, name)
    for port, parameter in zip(model.inputs, parameters, strict=True):
        port.get_tensor().set_names({parameter.get_friendly_name()})
    for port, output in zip(model.outputs, outputs, strict=True):
        port.get_tensor().set_names({output})
    return model
