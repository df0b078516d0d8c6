"""Fetch each backbone from where params.yaml says it comes."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Iterable
from pathlib import Path

from transformers import AutoTokenizer

from components.backbones.shipped import SHIPPED, check_hashes
from components.files.atomic import new_folder
from components.fingerprints.stage import record_file, stage_fingerprint
from components.model.assembling import check_tokens
from components.params.schema import Backbone, FolderBackbone, HubBackbone, Params
from components.stages.errors import UserError
from components.stages.keys import read_key
from components.stages.paths import BACKBONES

_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
"""The first kind that a repository has is taken, and that alone."""
_BESIDE_WEIGHTS = ("*.json", "*.txt", "*.model", "LICENSE*", "NOTICE*")


class BackboneUnavailable(UserError):
    """A backbone could not be fetched."""


def run(params: Params) -> None:
    """Put both backbones into artifacts/backbones, and check the special tokens at once."""
    fingerprint = stage_fingerprint("backbones", params)
    with new_folder(BACKBONES) as folder:
        for key in ("image_encoder", "language_model"):
            backbone: Backbone = getattr(params.backbones, key)
            print(f"backbones: {key} from {_where(backbone)}", flush=True)
            _fetch(backbone, folder / key)
        check_tokens(AutoTokenizer.from_pretrained(folder / "language_model"), params.model.tokens)
    fingerprint.write(record_file("backbones"))


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


def needed_files(files: Iterable[str]) -> list[str]:
    """Of a repository's files, those that ``from_pretrained`` reads, and the licence.

    Weights come in one format: safetensors where there are some, else PyTorch's. Those of TensorFlow, Flax and ONNX
    stay away, and so does what lies in folders.

    Raises:
        BackboneUnavailable: if there are no weights.
    """
    here = [name for name in files if "/" not in name]
    weights = next((found for kind in _WEIGHTS if (found := fnmatch.filter(here, kind))), [])
    if not weights:
        raise BackboneUnavailable(f"no weights ({' or '.join(_WEIGHTS)}) among its files: {', '.join(here) or 'none'}")
    return weights + [name for name in here if any(fnmatch.fnmatch(name, kind) for kind in _BESIDE_WEIGHTS)]


def _fetch_from_hub(backbone: HubBackbone, target: Path) -> None:
    """Download a pinned revision; a token for gated models is read from HF_TOKEN by the library itself."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    repo, revision = backbone.repo, backbone.revision
    read_key("HF_TOKEN")
    try:
        files = needed_files(entry.filename for entry in snapshot_download(repo, revision=revision, dry_run=True))
        snapshot_download(repo, revision=revision, local_dir=target, allow_patterns=files)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = type(error.__cause__ or error).__name__
        raise BackboneUnavailable(
            f"{repo}@{revision} could not be fetched ({reason}): check the network, HF_TOKEN and the model's licence "
            "page, or give a local copy with origin: folder"
        ) from error
    shutil.rmtree(target / ".cache", ignore_errors=True)


def _where(backbone: Backbone) -> str:
    if isinstance(backbone, HubBackbone):
        return f"the hub, {backbone.repo}@{backbone.revision[:8]}"
    return backbone.path if isinstance(backbone, FolderBackbone) else "the project itself"
