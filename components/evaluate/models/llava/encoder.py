"""The image encoder of a checkpoint: how it is built, how its pictures are prepared, and its weights."""

from __future__ import annotations

from pathlib import Path

from transformers import CLIPVisionConfig, CLIPVisionModel
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

from components.evaluate.models.llava.shards import Stored
from components.evaluate.models.places import Place, configuration_files, locate, model_files
from components.evaluate.models.spec import FolderOrigin, HubOrigin, ModelError, Origin, parse_origin

_COMMITS = {"openai/clip-vit-large-patch14-336": "ce19dc912ca5cd21c8a653c79e251e808ccabcd1"}
"""Checkpoints name their encoder without a commit. These are the hub's at the time of writing."""


def locate_encoder(named: str, override: str | None, has_weights: bool, scratch: Path) -> Place:
    """The encoder's folder.

    Args:
        named: ``mm_vision_tower`` of config.json: a folder, or a name at the hub.
        override: an origin that takes its place.
        has_weights: whether the checkpoint itself holds the encoder's weights; the hub is then asked for
            configuration alone.
        scratch: see ``locate``.

    Raises:
        ModelError: if it cannot be had.
    """
    origin = parse_origin(override) if override else _origin(named)
    return locate(origin, scratch, configuration_files if has_weights else model_files)


def read_config(folder: Path) -> CLIPVisionConfig:
    """How the encoder is built.

    Raises:
        ModelError: if the folder does not say.
    """
    try:
        return CLIPVisionConfig.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / 'config.json'} is not a CLIP image encoder's: {error}") from error


def read_image_processor(folder: Path, is_padded: bool) -> LlavaImageProcessorPil:
    """The encoder's own preparation of pictures; ``is_padded``: after bars in the mean colour made them square.

    Raises:
        ModelError: if the folder has no preprocessor_config.json.
    """
    try:
        return LlavaImageProcessorPil.from_pretrained(folder, do_pad=is_padded)
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} has no preprocessor_config.json that can be read: copy the encoder's") from error


def read_weights(folder: Path) -> dict[str, Stored]:
    """The encoder's weights by transformers' names for LLaVA.

    Raises:
        ModelError: if there are none, or not all.
    """
    try:
        model, report = CLIPVisionModel.from_pretrained(folder, dtype="auto", output_loading_info=True)
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{folder}: the image encoder's weights cannot be read: {reason}") from error
    if report["missing_keys"]:
        raise ModelError(f"{folder}: the image encoder's weights lack {min(report['missing_keys'])}: copy them again")
    return {f"model.vision_tower.{name}": Stored(tensor, folder) for name, tensor in model.state_dict().items()}


def _origin(named: str) -> Origin:
    if Path(named).is_dir():
        return FolderOrigin(Path(named))
    if named in _COMMITS:
        return HubOrigin(named, _COMMITS[named])
    raise ModelError(
        f"mm_vision_tower in config.json is {named!r}, neither a folder here nor an encoder whose commit is known: "
        "give image_encoder: folder:<path> or hub:<owner>/<name>@<commit>"
    )
