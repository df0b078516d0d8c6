"""Parameters and manifests for cards."""

from __future__ import annotations

from typing import Any

from components.bundles.manifest import Manifest
from components.params.schema import Params
from tests.export.quality.measured import measured
from tests.model.tiny import params

CLIP = "openai/clip-vit-large-patch14-336"
HYPERCLOVA = "naver-hyperclovax/HyperCLOVAX-SEED-Text-Instruct-0.5B"
QUALITY = measured("int8").quality.model_dump(mode="json")
SPEED = {
    "device": "some_CPU",
    "threads": 2,
    "rounds": 3,
    "new_tokens": 32,
    "bandwidth_gb_s": 46.04,
    "rows": [
        {
            "name": "int8",
            "with_image": is_pictured,
            "first_token_ms": 12.5,
            "first_token_ms_p95": 14.25,
            "tokens_per_second": 1912.4,
            "characters_per_second": 3575.2,
            "memory_share": 0.55,
            "load_seconds": 0.5,
            "peak_mb": 187.4,
        }
        for is_pictured in (True, False)
    ],
}


def hub(repo: str) -> dict[str, str]:
    """A backbone of the hub, as in params.yaml."""
    return {"origin": "hub", "repo": repo, "revision": "a" * 40}


def with_backbones(image_encoder: dict[str, str], language_model: dict[str, str], **model: Any) -> Params:
    """The project's parameters with other backbones."""
    values = params().model_dump(mode="json")
    values["backbones"] = {"image_encoder": image_encoder, "language_model": language_model}
    values["model"] |= model
    return Params.model_validate(values)


def recipe(**model: Any) -> Params:
    """The full-size recipe's backbones."""
    return with_backbones(hub(CLIP), hub(HYPERCLOVA), **model)


def manifest(**changed: Any) -> Manifest:
    """A bundle's, without files."""
    return Manifest.model_validate({"name": "int8", "format": "openvino", "weights": "int8", "files": {}} | changed)
