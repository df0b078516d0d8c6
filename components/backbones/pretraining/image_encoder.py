"""Pretraining of the demo's image encoder: a small CLIP vision model that names what covers each patch."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPVisionConfig, CLIPVisionModel

from components.backbones.pretraining.patches import IMAGE_SIDE, PATCH, PATCHES
from components.backbones.pretraining.pictures import Pictures, load_or_make, make_pictures
from components.backbones.pretraining.progress import Curve, Record, learning_rate, load_point, save_point
from components.scenes.vocabulary import CELL_INDEX, EMPTY

HIDDEN = 128
_EMPTY_WEIGHT, _EDGE_WEIGHT, _SHARPNESS = 0.3, 4.0, 2.5
_PLACE = 16
_NEIGHBOURS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0))
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of openai/clip-vit-large-patch14-336's preprocessor_config.json."""


@dataclass(frozen=True)
class ImageEncoderPlan:
    """How long and how fast the image encoder learns."""

    steps: int = 2500
    batch: int = 48
    pictures: int = 16_000
    peak_learning_rate: float = 2e-3
    last_layer_every: int = 8
    log_every: int = 50
    save_every: int = 200


class PatchNamer(nn.Module):
    """The encoder with heads that read its last but one layer (which the connector reads) and its last."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = CLIPVisionModel(encoder_config())
        _look_at_neighbours(self.encoder)
        self.names = nn.Sequential(nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, len(CELL_INDEX)))
        self.edges = nn.Sequential(nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, 4))
        self.last = nn.Sequential(nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, len(CELL_INDEX)))

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """(n, 3, 96, 96) -> the last but one hidden state, (n, 145, width)."""
        states = self.encoder.pre_layrnorm(self.encoder.embeddings(pixel_values))
        for layer in self.encoder.encoder.layers[:-1]:
            states = layer(states, None)
        return states

    def last_layer(self, states: torch.Tensor) -> torch.Tensor:
        """The last but one hidden state -> names by the last layer, (n, 144, cells)."""
        return self.last(self.encoder.encoder.layers[-1](states, None)[:, 1:])


def encoder_config(layers: int = 5) -> CLIPVisionConfig:
    """A CLIP vision transformer of 0.2 M parameters a layer, for pictures of 96 x 96 pixels."""
    return CLIPVisionConfig(
        hidden_size=HIDDEN,
        intermediate_size=4 * HIDDEN,
        projection_dim=HIDDEN,
        num_hidden_layers=layers,
        num_attention_heads=len(_NEIGHBOURS),
        image_size=IMAGE_SIDE,
        patch_size=PATCH,
    )


def pretrain_image_encoder(
    plan: ImageEncoderPlan, seed: int, scratch: Path, curves: Path
) -> tuple[CLIPVisionModel, Record]:
    """Train on pictures of the train split; returns the encoder and the record of its run."""
    torch.manual_seed(seed)
    namer = PatchNamer()
    optimizer = torch.optim.AdamW(namer.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=0.02)
    point = scratch / "image_encoder.pt"
    state = load_point(point, namer, optimizer)
    start, began = state["step"], time.monotonic() - state.get("seconds", 0.0)
    columns = ("step", "loss", "learning_rate", "patch_accuracy", "validation_patch_accuracy")
    curve = Curve(curves / "image_encoder.csv", columns, start)
    pictures = training_pictures(plan, seed, scratch)
    held_out = make_pictures(192, seed + 1, "validation")
    total = 0.0
    for step in range(start, plan.steps):
        rng = np.random.default_rng((seed, step))
        batch = picture_batch(pictures, rng, plan.batch)
        rate = learning_rate(step, plan.steps, plan.peak_learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss, accuracy = _loss(namer, *batch, with_last=step % plan.last_layer_every == 0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(namer.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
        if (step + 1) % plan.log_every == 0:
            with torch.no_grad():
                _, validation = _loss(namer, *picture_batch(held_out, rng, 96), with_last=False)
            curve.add(step + 1, total / plan.log_every, rate, accuracy, validation)
            total = 0.0
        if (step + 1) % plan.save_every == 0:
            save_point(point, step + 1, namer, optimizer, seconds=time.monotonic() - began)
    return namer.encoder.eval(), Record(pictures.digest, time.monotonic() - began)


def training_pictures(plan: ImageEncoderPlan, seed: int, scratch: Path) -> Pictures:
    """The pictures of the train split, drawn once and kept in ``scratch``."""
    return load_or_make(scratch / "pictures.npz", plan.pictures, seed, "train")


def normalise(pixels: np.ndarray) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> float (n, 3, h, w), scaled and normalised as CLIPImageProcessor does."""
    scaled = (torch.from_numpy(pixels).float() / 255 - torch.tensor(CLIP_MEAN)) / torch.tensor(CLIP_STD)
    return scaled.permute(0, 3, 1, 2).contiguous()


def picture_batch(
    pictures: Pictures, rng: np.random.Generator, size: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pixel values (n, 3, 96, 96), names (n, 144) and edges (n, 144, 4) of random pictures.

    Each batch is rolled by whole patches, so that everything is seen everywhere.
    """
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


def _look_at_neighbours(encoder: CLIPVisionModel) -> None:
    """Start each layer as a 3 x 3 convolution: head h of eight attends to the patch at the h-th neighbouring place.

    Places are sines and cosines in the first 16 dimensions; a turn of them (the query) finds the place one step on
    (the key). From CLIP's own initialisation, meant for wide models, attention to neighbours takes a small model
    hours to form. (After Cordonnier et al., arXiv:1911.03584: attention heads can express any convolution.)
    """
    with torch.no_grad():
        places = encoder.embeddings.position_embedding.weight
        places.normal_(std=0.02)
        places[1:, :_PLACE] = _sine_places(PATCHES)
        encoder.embeddings.patch_embedding.weight[:_PLACE] = 0
        for layer in encoder.encoder.layers:
            attention = layer.self_attn
            for head, (down, right) in enumerate(_NEIGHBOURS):
                rows = slice(head * _PLACE, (head + 1) * _PLACE)
                attention.q_proj.weight[rows, :_PLACE] = _SHARPNESS * _turn(down, right)
                attention.k_proj.weight[rows, :_PLACE] = _SHARPNESS * torch.eye(_PLACE)
            nn.init.normal_(attention.v_proj.weight, std=HIDDEN**-0.5)
            attention.out_proj.weight[:_PLACE] = 0
            layer.mlp.fc2.weight[:_PLACE] = 0


def _rates() -> torch.Tensor:
    """Angles a patch for the four pairs of sine and cosine of one axis: together they peak at one place only."""
    return torch.tensor([1.0, 3.0, 5.0, 7.0]) * torch.pi / PATCHES


def _sine_places(side: int) -> torch.Tensor:
    """(side * side, 16): four pairs of sine and cosine for the row, then four for the column."""
    angles = torch.arange(side)[:, None] * _rates()
    one = torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)
    return torch.cat((one[:, None].expand(side, side, -1), one[None].expand(side, side, -1)), dim=2).flatten(0, 1)


def _turn(down: int, right: int) -> torch.Tensor:
    """The (16, 16) rotation that takes the place of a patch to the place ``down`` and ``right`` of it."""
    blocks = []
    for step in (down, right):
        for angle in (_rates() * step).tolist():
            cos, sin = math.cos(angle), math.sin(angle)
            blocks.append(torch.tensor([[cos, sin], [-sin, cos]]))
    return torch.block_diag(*blocks)


def _loss(
    namer: PatchNamer, pixel_values: torch.Tensor, names: torch.Tensor, edges: torch.Tensor, with_last: bool
) -> tuple[torch.Tensor, float]:
    """The loss, and the share of covered patches whose name is right."""
    weights = torch.ones(len(CELL_INDEX))
    weights[CELL_INDEX[EMPTY]] = _EMPTY_WEIGHT
    covered = names != CELL_INDEX[EMPTY]
    states = namer(pixel_values)
    predicted, predicted_edges = namer.names(states[:, 1:]), namer.edges(states[:, 1:])
    loss = functional.cross_entropy(predicted.flatten(0, 1), names.flatten(), weights)
    loss = loss + _EDGE_WEIGHT * functional.l1_loss(predicted_edges[covered], edges[covered])
    if with_last:
        last = namer.last_layer(states.detach())
        loss = loss + functional.cross_entropy(last.flatten(0, 1), names.flatten(), weights)
    return loss, float((predicted.argmax(-1) == names)[covered].float().mean())
