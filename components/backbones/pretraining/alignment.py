"""The image encoder's last lesson: to say what covers each patch in the language model's own vectors.

As in LiT (arXiv:2111.07991, where the image tower is the finished one), one tower stays as it is and the other learns
its space. From features that only a classifier of their own can read, a connector does not find the way in the few
hundred steps of a demo; from vectors like those with which scenes were described to the language model, it does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPVisionModel

from components.backbones.pretraining.description import Describer
from components.backbones.pretraining.image_encoder import HIDDEN, encoder_config, picture_batch
from components.backbones.pretraining.patches import boxes_of
from components.backbones.pretraining.pictures import Pictures, make_pictures
from components.backbones.pretraining.progress import Curve, Record, learning_rate, load_point, save_point
from components.scenes.vocabulary import CELL_INDEX, EMPTY

_SCALE = 5.0
"""From the describer's vectors to features of about unit variance."""
_HUSH = 0.05
"""How far the residual stream below is turned down: the new layer must not have to shout over it."""
_EMPTY_WEIGHT = 0.3


@dataclass(frozen=True)
class AlignmentPlan:
    """How long and how fast the new layer learns."""

    steps: int = 1000
    batch: int = 48
    peak_learning_rate: float = 4e-3
    last_layer_every: int = 8
    log_every: int = 25
    save_every: int = 100


class Aligned(nn.Module):
    """An encoder with one more layer, the only one that learns (the last, which the connector does not read, goes on
    learning names)."""

    def __init__(self, encoder: CLIPVisionModel) -> None:
        super().__init__()
        self.encoder = with_one_more_layer(encoder)
        self.last = nn.Sequential(nn.LayerNorm(HIDDEN), nn.Linear(HIDDEN, len(CELL_INDEX)))
        self.encoder.requires_grad_(False)
        self.encoder.encoder.layers[-2:].requires_grad_(True)

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """(n, 3, 96, 96) -> the last but one hidden state, (n, 145, width)."""
        states = self.encoder.pre_layrnorm(self.encoder.embeddings(pixel_values))
        for layer in self.encoder.encoder.layers[:-1]:
            states = layer(states, None)
        return states

    def last_layer(self, states: torch.Tensor) -> torch.Tensor:
        """The last but one hidden state -> names by the last layer, (n, 144, cells)."""
        return self.last(self.encoder.encoder.layers[-1](states, None)[:, 1:])


def align(
    encoder: CLIPVisionModel,
    describer: Describer,
    pictures: Pictures,
    plan: AlignmentPlan,
    seed: int,
    scratch: Path,
    curves: Path,
) -> tuple[CLIPVisionModel, Record]:
    """Teach a new layer of the encoder to give what the describer gives; returns the encoder and the run's record."""
    torch.manual_seed(seed)
    aligned = Aligned(encoder)
    learning = [parameter for parameter in aligned.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
    point = scratch / "alignment.pt"
    state = load_point(point, aligned, optimizer)
    start, began = state["step"], time.monotonic() - state.get("seconds", 0.0)
    columns = ("step", "loss", "learning_rate", "validation_error", "validation_patch_accuracy")
    curve = Curve(curves / "alignment.csv", columns, start)
    held_out = make_pictures(192, seed + 1, "validation")
    total = 0.0
    for step in range(start, plan.steps):
        rng = np.random.default_rng((seed, step, plan.batch))
        rate = learning_rate(step, plan.steps, plan.peak_learning_rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _loss(aligned, describer, pictures, rng, plan, with_last=step % plan.last_layer_every == 0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += loss.item()
        if (step + 1) % plan.log_every == 0:
            curve.add(step + 1, total / plan.log_every, rate, *_check(aligned, describer, held_out, rng))
            total = 0.0
        if (step + 1) % plan.save_every == 0:
            save_point(point, step + 1, aligned, optimizer, seconds=time.monotonic() - began)
    return aligned.encoder.eval(), Record(pictures.digest, time.monotonic() - began)


def with_one_more_layer(encoder: CLIPVisionModel) -> CLIPVisionModel:
    """The encoder with a fresh layer before its last.

    All that writes to the residual stream below the fresh layer is turned down. The layers there read it through layer
    norms, which undo that, so they do what they did.
    """
    layers = encoder.config.num_hidden_layers
    longer = CLIPVisionModel(encoder_config(layers + 1))
    weights = encoder.state_dict()
    last = {name.replace(f".layers.{layers - 1}.", f".layers.{layers}."): weight for name, weight in weights.items()}
    kept = {name: weight for name, weight in weights.items() if f".layers.{layers - 1}." not in name}
    longer.load_state_dict({**last, **kept}, strict=False)
    below = longer.encoder.layers[: layers - 1]
    writers = [longer.pre_layrnorm, *(part for layer in below for part in (layer.self_attn.out_proj, layer.mlp.fc2))]
    with torch.no_grad():
        for writer in writers:
            writer.weight *= _HUSH
            writer.bias *= _HUSH
    _start(longer.encoder.layers[layers - 1])
    return longer


def _start(layer: nn.Module) -> None:
    """Initial weights by the width of what is read: CLIP's own are meant for wide models."""
    for name, part in layer.named_modules():
        if isinstance(part, nn.Linear):
            gain = _GAINS[name.rpartition(".")[2]]
            nn.init.normal_(part.weight, std=gain * part.in_features**-0.5)


_GAINS = {"q_proj": 0.5, "k_proj": 0.5, "v_proj": 1.0, "out_proj": 0.5, "fc1": 1.0, "fc2": 0.2}


def _loss(
    aligned: Aligned,
    describer: Describer,
    pictures: Pictures,
    rng: np.random.Generator,
    plan: AlignmentPlan,
    with_last: bool,
) -> torch.Tensor:
    """Mean squared error of the features; every few steps that of the last layer's names too."""
    pixel_values, names, edges = picture_batch(pictures, rng, plan.batch)
    states = aligned(pixel_values)
    weights = torch.where(names == CELL_INDEX[EMPTY], _EMPTY_WEIGHT, 1.0)
    errors = (states[:, 1:] - _vectors(describer, names, edges)).square().mean(dim=-1)
    loss = (errors * weights).sum() / weights.sum()
    if with_last:
        last = aligned.last_layer(states.detach())
        loss = loss + functional.cross_entropy(last.flatten(0, 1), names.flatten())
    return loss


@torch.no_grad()
def _check(aligned: Aligned, describer: Describer, held_out: Pictures, rng: np.random.Generator) -> tuple[float, float]:
    """Of held-out pictures' covered patches: mean squared error, and the share nearest to the vector of their name."""
    pixel_values, names, edges = picture_batch(held_out, rng, 96)
    vectors = _vectors(describer, names, edges)
    errors = aligned(pixel_values)[:, 1:] - vectors
    called = _SCALE * describer.name_vectors()
    without_name = errors + called[names]
    nearest = torch.cdist(without_name, called).argmin(dim=-1)
    covered = names != CELL_INDEX[EMPTY]
    return float(errors.square().mean(dim=-1)[covered].mean()), float((nearest == names)[covered].float().mean())


@torch.no_grad()
def _vectors(describer: Describer, names: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    boxes = torch.from_numpy(boxes_of(edges.numpy()))
    return _SCALE * describer.of_patches(names, boxes)
