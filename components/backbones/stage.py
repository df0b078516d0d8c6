"""Fetch each backbone from where params.yaml says it comes."""

from __future__ import annotations

import shutil
from pathlib import Path

from transformers import AutoTokenizer

from components.backbones.shipped import SHIPPED, check_hashes
from components.files.atomic import new_folder
from components.model.assembling import check_tokens
from components.params.schema import Backbone, FolderBackbone, HubBackbone, Params
from components.stages.paths import BACKBONES

_NEEDED = ["*.json", "*.safetensors", "*.txt", "*.model", "LICENSE*", "NOTICE*"]


class BackboneUnavailable(RuntimeError):
    """A backbone could not be fetched."""


def run(params: Params) -> None:
    """Put both backbones into artifacts/backbones, and check the special tokens at once."""
    with new_folder(BACKBONES) as folder:
        for key in ("image_encoder", "language_model"):
            backbone: Backbone = getattr(params.backbones, key)
            print(f"backbones: {key} from {_where(backbone)}", flush=True)
            _fetch(backbone, folder / key)
        check_tokens(AutoTokenizer.from_pretrained(folder / "language_model"), params.model.tokens)


def _fetch(backbone: Backbone, target: Path) -> None:
    if isinstance(backbone, HubBackbone):
        _fetch_from_hub(backbone, target)
    elif isinstance(backbone, FolderBackbone):
        source = Path(backbone.path)
        if not (source / "config.json").is_file():
            raise BackboneUnavailable(f"{source} holds no config.json: is it a from_pretrained folder?")
        shutil.copytree(source, target)
    else:
        check_hashes(SHIPPED)
        shutil.copytree(SHIPPED / backbone.name, target)


def _fetch_from_hub(backbone: HubBackbone, target: Path) -> None:
    """Download a pinned revision; a token for gated models is read from HF_TOKEN by the library itself."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(backbone.repo, revision=backbone.revision, local_dir=target, allow_patterns=_NEEDED)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise BackboneUnavailable(
            f"{backbone.repo}@{backbone.revision} could not be fetched ({type(error).__name__}): check the network, "
            "HF_TOKEN and the model's licence page, or give a local copy with origin: folder"
        ) from error
    shutil.rmtree(target / ".cache", ignore_errors=True)


def _where(backbone: Backbone) -> str:
    if isinstance(backbone, HubBackbone):
        return f"the hub, {backbone.repo}@{backbone.revision[:8]}"
    return backbone.path if isinstance(backbone, FolderBackbone) else "the project itself"
