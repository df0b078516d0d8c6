"""Samples with and without pictures, and a bundle damaged on purpose."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import openvino as ov

from components.bundles.manifest import Manifest, files_of, write_manifest
from components.bundles.openvino import names
from components.export.samples import Sample
from components.scenes.sampling import SAMPLERS
from components.training.labels import IGNORED, IMAGE, Markup, Message, encode
from tests.export.conftest import Pair


def drawn_samples(pair: Pair, count: int, are_pictured: bool = True) -> list[Sample]:
    """Questions and answers about drawn pictures; every fourth, or each, comes without its picture."""
    _, processor = pair
    markup = Markup(processor.image_token, processor.image_seq_length, "<|im_end|>", processor.tokenizer.eos_token)
    rng, found, kinds = random.Random(3), [], sorted(SAMPLERS)
    for number in range(count):
        scene = SAMPLERS[kinds[number % len(kinds)]](rng)
        turn, is_pictured = scene.turns(rng)[0], are_pictured and number % 4 > 0
        conversation: list[Message] = [
            {"role": "user", "content": f"{IMAGE}\n{turn.question}" if is_pictured else turn.question},
            {"role": "assistant", "content": turn.answer},
        ]
        encoded = encode(conversation, "chat", processor.tokenizer, markup, 1024)
        answered = [label != IGNORED for label in encoded.labels]
        found.append(Sample(f"drawn/{number}", encoded.ids, answered, scene.draw() if is_pictured else None))
    return found


def damaged(folder: Path, target: Path, layer: str) -> Path:
    """A copy of a bundle, whole by its manifest, in which the scales of one compressed matrix are doubled.

    Args:
        folder: the bundle.
        target: the copy.
        layer: part of the matrix's name, which is the language model's.
    """
    shutil.copytree(folder, target)
    model = ov.Core().read_model(folder / names.LANGUAGE_MODEL)
    scaling = next(node for node in model.get_ordered_ops() if _is_scaling(node) and layer in node.get_friendly_name())
    scales = scaling.input_value(1).get_node()
    doubled = ov.opset13.constant(scales.data * 2, dtype=scales.get_element_type())
    scaling.input(1).replace_source_output(doubled.output(0))
    ov.save_model(model, target / names.LANGUAGE_MODEL)
    write_manifest(target, Manifest(name="damaged", format="openvino", weights="int8", files=files_of(target)))
    return target


def _is_scaling(node: ov.Node) -> bool:
    """Whether compressed weights are multiplied by their scales here."""
    if node.get_type_name() != "Multiply" or ".weight/" not in node.get_friendly_name():
        return False
    return node.input_value(1).get_node().get_type_name() == "Constant"
