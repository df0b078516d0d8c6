"""The section ``export`` of params.yaml: bundles for devices, and what they have to reach."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.params.section import Bound, Length, Positive, Rate, Repeats, Section

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
"""Of a bundle: its folder's in artifacts/export/bundles."""


class Limits(Section):
    """How far a bundle may be from the model that it was made from. Where no form keeps them, the stage fails."""

    kl_mean: Bound
    """Mean Kullback-Leibler divergence of next-token distributions over answers, in nats."""
    kl_p999: Bound
    """Its 99.9th percentile."""
    perplexity_ratio: Annotated[float, Field(ge=1, le=10**9)]
    """Perplexity of the answers, the bundle's by the model's."""
    top1: Rate
    """Share of positions with the same most likely token: at least."""
    features: Annotated[float, Field(ge=-1, le=1)]
    """Mean cosine of image tokens: at least."""
    score_loss: Bound
    """On no benchmark may the whole interval of the paired difference lie beyond such a loss, in the score's unit."""


class OpenVinoBundle(Section):
    """A folder that OpenVINO GenAI's ``VLMPipeline`` runs."""

    name: Name
    format: Literal["openvino"]
    weights: Literal["fp16", "int8", "int4"]
    """Of the language model. Beside int8 and int4, the embedding table is int8, and so is the image encoder as far as
    the limits allow (components.export.openvino.forms)."""
    group_size: Literal[32, 64, 128] = 64
    """For int4: weights that share a scale."""
    scale_estimation: bool = False
    """For int4: scales that fit the calibration samples rather than the weights alone."""
    awq: bool = False
    """For int4: activation-aware weight quantisation (arXiv:2306.00978)."""
    limits: Limits


class GgufBundle(Section):
    """Two files for llama.cpp: language model and projector."""

    name: Name
    format: Literal["gguf"]
    weights: Literal["F32", "BF16", "F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_K_S", "Q4_0", "IQ4_XS"]
    """Of the language model, by llama.cpp's names."""
    projector: Literal["F32", "F16", "Q8_0"]
    importance: bool = False
    """Whether the calibration samples say which weights matter (llama.cpp's importance matrix)."""
    limits: Limits


BundleParams = Annotated[OpenVinoBundle | GgufBundle, Field(discriminator="format")]


class Quality(Section):
    """How a bundle is compared with the model that it was made from."""

    samples: Positive
    """Held-out samples for teacher forcing."""


class Speed(Section):
    """How bundles are timed, in turns with the model in bf16."""

    prompts: Repeats
    new_tokens: Length
    rounds: Repeats
    """Turns that count, after one to warm up."""


class Export(Section):
    """Bundles for devices. The first is the one that the dashboard talks to."""

    bundles: Annotated[list[BundleParams], Field(min_length=1)]
    calibration_samples: Positive
    """At most; taken from the validation and test splits, apart from those that quality is measured on."""
    quality: Quality
    speed: Speed

    @model_validator(mode="after")
    def _names_differ(self) -> Export:
        names = [bundle.name for bundle in self.bundles]
        if len(set(names)) < len(names):
            raise ValueError("two bundles have the same name")
        return self
