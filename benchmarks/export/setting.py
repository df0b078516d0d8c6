"""What the benchmarks of the export begin from: a random model of the recipe's shapes, pictures, a prompt's size."""

from __future__ import annotations

import random
from pathlib import Path

import torch
from PIL import Image
from transformers import LlamaForCausalLM

from benchmarks.training.setting import Size, recipe, stand_ins
from components.export.samples import Sample
from components.files.atomic import new_folder
from components.model import KoreanVlmConfig
from components.model.assembling import assemble
from components.model.loading import save_model
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.scenes.sampling import SAMPLERS, sample_scene
from components.stages.paths import SCRATCH

WORK = SCRATCH / "benchmarks" / "export"
MODEL, LANGUAGE_MODEL = "model", "language_model"
IMAGE_TOKENS, TEXT_TOKENS = 144, 32
"""Of the prompt that language models read: a picture, and a question of Korean."""
LEARNT_IDS = range(1000, 8000)
"""Ids of the stand-in tokenizer's words, of which texts are made."""
CALIBRATION_PICTURES = 32
_EMBEDDING_STD = 0.08


def prepared_model(work: Path, size: Size) -> Path:
    """The folder of the model in bf16, made if it is missing."""
    folder = work / MODEL
    if not folder.is_dir():
        work.mkdir(parents=True, exist_ok=True)
        params = recipe(work)
        model, processor = assemble(stand_ins(size, params.seed), params.model, params.seed, torch.bfloat16)
        _sharpen(model, params.seed)
        with new_folder(folder) as target:
            save_model(model, processor, target)
    return folder


def prepared_language_model(work: Path, model: KoreanVlmForConditionalGeneration) -> Path:
    """The folder of its language model alone, in bf16, with the tokenizer's files, made if it is missing."""
    folder = work / LANGUAGE_MODEL
    if not folder.is_dir():
        alone = LlamaForCausalLM(model.config.text_config).to(torch.bfloat16)
        alone.model.load_state_dict(model.model.language_model.state_dict())
        alone.tie_weights()
        with new_folder(folder) as target:
            alone.save_pretrained(target)
    return folder


@torch.no_grad()
def _sharpen(model: KoreanVlmForConditionalGeneration, seed: int) -> None:
    """Draw the language model's weights so that its logits tell tokens apart, as a trained model's do.

    Drawn as for the start of a training, logits are flat: the best two of 110,592 differ by less than rounding does.
    So what a layer adds is scaled by 1/sqrt(2 layers), as GPT-2 begins, and embeddings are drawn four times as wide as
    usual: the token just read then stands out of the others by about as much as their log-sum-exp, and is likely with
    a probability between nearly 0 and nearly 1, depending on the text.
    """
    language_model = model.model.language_model
    generator = torch.Generator().manual_seed(seed)
    embeddings = language_model.embed_tokens.weight
    embeddings.copy_(torch.randn(embeddings.shape, generator=generator) * _EMBEDDING_STD)
    scale = (2 * len(language_model.layers)) ** -0.5
    for layer in language_model.layers:
        layer.self_attn.o_proj.weight.mul_(scale)
        layer.mlp.down_proj.weight.mul_(scale)


def pictures(count: int, side: int, seed: int) -> list[Image.Image]:
    """Scenes of the demo's world, drawn anew, enlarged to ``side`` pixels."""
    rng = random.Random(seed)
    kinds = list(SAMPLERS)
    scenes = [sample_scene(rng, kinds[number % len(kinds)], "test") for number in range(count)]
    return [scene.draw().convert("RGB").resize((side, side), Image.Resampling.BICUBIC) for scene in scenes]


def calibration(config: KoreanVlmConfig, seed: int) -> list[Sample]:
    """Pictures with texts of random ids, to calibrate with."""
    drawn, rng = pictures(CALIBRATION_PICTURES, config.vision_config.image_size, seed), random.Random(seed)
    image = [config.image_token_index] * config.image_seq_length
    texts = [image + rng.choices(LEARNT_IDS, k=TEXT_TOKENS) for _ in drawn]
    return [
        Sample(f"scenes/{number}", ids, [False] * len(ids), picture)
        for number, (ids, picture) in enumerate(zip(texts, drawn, strict=True))
    ]
