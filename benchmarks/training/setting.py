"""What all benchmarks of training begin from: the recipe's parameters, backbones, a model, shards."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from transformers import CLIPVisionConfig, LlamaConfig

from benchmarks.training.mix import Lengths
from benchmarks.training.shards import write_shards
from components.backbones.stand_in import image_encoder_config, language_model_config, write_stand_ins
from components.model.assembling import assemble
from components.model.loading import save_model
from components.params.load import PARAMS_FILE, load_params
from components.params.profile import write_profile
from components.params.schema import Params, Training
from components.stages.paths import SCRATCH
from components.training.job import Job
from components.training.labels import Markup

Size = Literal["tiny", "full"]
SIZES: tuple[Size, ...] = ("tiny", "full")
Stage = Literal["pretrain", "finetune"]
STAGES: tuple[Stage, ...] = ("pretrain", "finetune")
LLAVA_IMAGE_TOKENS = 576
"""Of mlp2x_gelu on CLIP ViT-L/14-336."""
_NARROW = {"hidden_size": 64, "intermediate_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4}
_NARROW_HEADS = {"num_key_value_heads": 2, "head_dim": 32}
_Section = TypeVar("_Section", bound=Training)


@dataclass(frozen=True)
class Setting:
    """Parameters of the recipe, and folders with the model that training starts from and with shards."""

    params: Params
    start: Path
    shards: Path

    @property
    def markup(self) -> Markup:
        """What is written around turns."""
        return self.markup_for(self.params.model.image_tokens_per_side**2)

    def markup_for(self, image_tokens: int) -> Markup:
        """The same where an image takes another number of tokens."""
        tokens = self.params.model.tokens
        return Markup(tokens.image.text, image_tokens, tokens.turn_end.text, tokens.end.text)


def recipe(folder: Path) -> Params:
    """The profile ``aiku`` laid over a copy of params.yaml, which is written into ``folder``."""
    target = folder / PARAMS_FILE.name
    shutil.copyfile(PARAMS_FILE, target)
    write_profile("aiku", target)
    return load_params(target)


def make_setting(folder: Path, params: Params, backbones: Path, lengths: Lengths) -> Setting:
    """Write a model of ``backbones`` and shards of samples of ``lengths`` into ``folder``."""
    model, processor = assemble(backbones, params.model, params.seed, torch.bfloat16)
    setting = Setting(params, folder / "start", folder / "shards")
    save_model(model, processor, setting.start)
    write_shards(setting.shards, lengths, processor, setting.markup, params.seed)
    return setting


def stand_ins(size: Size, seed: int) -> Path:
    """A folder in scratch/ with random backbones, made if it is missing.

    The tiny ones read pictures and text as the full ones do, but their layers are few and narrow.
    """
    folder = SCRATCH / "stand-in" / size
    if not folder.is_dir():
        image_encoder, language_model = image_encoder_config(), language_model_config()
        if size == "tiny":
            image_encoder = CLIPVisionConfig.from_dict(image_encoder.to_dict() | _NARROW)
            language_model = LlamaConfig.from_dict(language_model.to_dict() | _NARROW | _NARROW_HEADS)
        write_stand_ins(folder, image_encoder, language_model, seed)
    return folder


def changed(section: _Section, **changes: Any) -> _Section:
    """A section of params.yaml with other values, checked as all are."""
    return type(section).model_validate(section.model_dump() | changes)


def longest_text(params: Params) -> int:
    """Tokens of text that a sample may have, so that LLaVA's image tokens fit beside it and no way cuts any."""
    return params.finetune.max_length - LLAVA_IMAGE_TOKENS


def job(setting: Setting, stage: Stage, threads: int, **changes: Any) -> Job:
    """A training job for one worker, with other values for some of the stage's parameters."""
    section = changed(getattr(setting.params, stage), workers=1, **changes)
    tokens = setting.params.model.tokens
    return Job(
        stage=stage,
        layout="plain" if stage == "pretrain" else "chat",
        params=section.model_dump(),
        start=str(setting.start.absolute()),
        shards=str(setting.shards.absolute()),
        seed=setting.params.seed,
        turn_end=tokens.turn_end.text,
        end=tokens.end.text,
        threads=threads,
    )
