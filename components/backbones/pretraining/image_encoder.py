"""Pretraining of the demo's image encoder: a small CLIP vision model that names what covers each patch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPVisionConfig, CLIPVisionModel

from components.backbones.pretraining.pictures import IMAGE_SIDE, PATCH, PATCHES, Pictures, make_pictures
from components.backbones.pretraining.progress import Curve, learning_rate, load_point, save_point
from components.scenes.vocabulary import CELL_INDEX, EMPTY

_HIDDEN = 160
_EMPTY_WEIGHT, _EDGE_WEIGHT, _LAST_LAYER_WEIGHT = 0.3, 4.0, 0.3
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of openai/clip-vit-large-patch14-336's preprocessor_config.json."""


@dataclass(frozen=True)
class ImageEncoderPlan:
    """How long and how fast the image encoder learns."""

    steps: int = 1800
    batch: int = 64
    pictures: int = 32_000
    peak_learning_rate: float = 1.5e-3
    log_every: int = 50
    save_every: int = 200


class PatchNamer(nn.Module):
    """The encoder with heads that read its last but one layer (which the connector reads) and its last."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = CLIPVisionModel(encoder_config())
        self.names = nn.Sequential(nn.LayerNorm(_HIDDEN), nn.Linear(_HIDDEN, len(CELL_INDEX)))
        self.edges = nn.Sequential(nn.LayerNorm(_HIDDEN), nn.Linear(_HIDDEN, 4))
        self.last = nn.Sequential(nn.LayerNorm(_HIDDEN), nn.Linear(_HIDDEN, len(CELL_INDEX)))

    def forward(self, pixel_values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(n, 3, 96, 96) -> names (n, 144, cells), edges (n, 144, 4), names by the last layer."""
        states = self.encoder(pixel_values, output_hidden_states=True).hidden_states
        features = states[-2][:, 1:]
        return self.names(features), self.edges(features), self.last(states[-1][:, 1:])


def encoder_config() -> CLIPVisionConfig:
    """A CLIP vision transformer of 1.6 M parameters for pictures of 96 x 96 pixels."""
    return CLIPVisionConfig(
        hidden_size=_HIDDEN,
        intermediate_size=4 * _HIDDEN,
        projection_dim=_HIDDEN,
        num_hidden_layers=5,
        num_attention_heads=5,
        image_size=IMAGE_SIDE,
        patch_size=PATCH,
        initializer_factor=1.0,
    )


def pretrain_image_encoder(
    plan: ImageEncoderPlan, seed: int, scratch: Path, curves: Path
) -> tuple[CLIPVisionModel, str]:
    """Train on pictures of the train split; returns the encoder and the digest of its data."""
    torch.manual_seed(seed)
    namer = PatchNamer()
    optimizer = torch.optim.AdamW(namer.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.02)
    point = scratch / "image_encoder.pt"
    start = load_point(point, namer, optimizer)["step"]
    columns = ("step", "loss", "learning_rate", "patch_accuracy", "validation_patch_accuracy")
    curve = Curve(curves / "image_encoder.csv", columns, resume=start > 0)
    pictures = make_pictures(plan.pictures, seed, "train")
    held_out = make_pictures(256, seed + 1, "validation")
    total = 0.0
    for step in range(start, plan.steps):
        rng = np.random.default_rng((seed, step))
        batch = _batch(pictures, rng, plan.batch)
        rate = learning_rate(step, plan.steps, plan.peak_learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss, accuracy = _loss(namer, *batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(namer.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
        if (step + 1) % plan.log_every == 0:
            with torch.no_grad():
                _, validation = _loss(namer, *_batch(held_out, rng, 128))
            curve.add(step + 1, total / plan.log_every, rate, accuracy, validation)
            total = 0.0
        if (step + 1) % plan.save_every == 0:
            save_point(point, step + 1, namer, optimizer)
    return namer.encoder.eval(), pictures.digest


def normalise(pixels: np.ndarray) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> float (n, 3, h, w), scaled and normalised as CLIPImageProcessor does."""
    scaled = (torch.from_numpy(pixels).float() / 255 - torch.tensor(CLIP_MEAN)) / torch.tensor(CLIP_STD)
    return scaled.permute(0, 3, 1, 2).contiguous()


def _batch(
    pictures: Pictures, rng: np.random.Generator, size: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random pictures, each batch rolled by whole patches, so that everything is seen everywhere."""
    rows = np.sort(rng.choice(len(pictures.pixels), size, replace=False))
    down, right = rng.integers(0, PATCHES, 2)
    pixels = np.roll(pictures.pixels[rows], (down * PATCH, right * PATCH), axis=(1, 2))
    names = np.roll(pictures.names[rows].reshape(size, PATCHES, PATCHES), (down, right), axis=(1, 2))
    edges = np.roll(pictures.edges[rows].reshape(size, PATCHES, PATCHES, 4), (down, right), axis=(1, 2))
    return (
        normalise(pixels),
        torch.from_numpy(names.reshape(size, -1).copy()),
        torch.from_numpy(edges.reshape(size, -1, 4).copy()),
    )


def _loss(
    namer: PatchNamer, pixel_values: torch.Tensor, names: torch.Tensor, edges: torch.Tensor
) -> tuple[torch.Tensor, float]:
    """The loss, and the share of covered patches whose name is right."""
    predicted, predicted_edges, last = namer(pixel_values)
    weights = torch.ones(len(CELL_INDEX))
    weights[CELL_INDEX[EMPTY]] = _EMPTY_WEIGHT
    covered = names != CELL_INDEX[EMPTY]
    loss = functional.cross_entropy(predicted.flatten(0, 1), names.flatten(), weights)
    loss = loss + _LAST_LAYER_WEIGHT * functional.cross_entropy(last.flatten(0, 1), names.flatten(), weights)
    loss = loss + _EDGE_WEIGHT * functional.l1_loss(predicted_edges[covered], edges[covered])
    return loss, float((predicted.argmax(-1) == names)[covered].float().mean())
