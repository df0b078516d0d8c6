"""Parameters and manifests for cards."""

from __future__ import annotations

from typing import Any

from components.bundles.manifest import Manifest
from components.params.schema import Params
from tests.model.tiny import params

CLIP = "openai/clip-vit-large-patch14-336"
HYPERCLOVA = "naver-hyperclovax/HyperCLOVAX-SEED-Text-Instruct-0.5B"
QUALITY = {
    "samples": 220,
    "divergence": {"vision": {"kl_mean": 0.0123, "top1": 0.99}, "language": {"kl_mean": 0.0456, "top1": 0.97}},
    "scores": [{"benchmark": "k-bench|x", "model": 0.5, "bundle": 0.49, "difference": -0.01, "reason": None}],
}
SPEED = {"device": "some CPU", "threads": 2, "rows": [{"name": "int8", "with_image": True, "first_token_ms": 12.5}]}


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
