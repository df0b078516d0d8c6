"""Small models that llama.cpp can take: 24 x 24 patches, a byte-level tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.backbones.pretraining.image_encoder import CLIP_MEAN, CLIP_STD
from components.backbones.pretraining.tokenizer import END_OF_TEXT, END_OF_TURN, IM_END, IM_START, IMAGE
from components.model.assembling import assemble
from components.model.loading import load_model, save_model
from components.params.schema import Model
from components.scenes.instructions import all_instructions
from tests.export.conftest import Pair
from tests.model.tiny import params

SIDE = 96
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""The pattern of HyperCLOVA X's tokenizer."""


def byte_level_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE of HyperCLOVA X's kind, trained on some Korean."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(CL100K), "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=[END_OF_TEXT, IM_START, IM_END, END_OF_TURN, IMAGE],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(
        (text for turn in all_instructions() for text in (turn.question, turn.answer)), trainer
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        pad_token=END_OF_TEXT,
        eos_token=END_OF_TURN,
        additional_special_tokens=[IM_START, IM_END, IMAGE],
        clean_up_tokenization_spaces=False,
    )


def save_backbones(folder: Path, tokenizer: PreTrainedTokenizerFast, tied: bool) -> Path:
    """An image encoder of three layers and a language model of two, whose heads are wider than hidden size / heads."""
    torch.manual_seed(3)
    vision = CLIPVisionConfig(
        hidden_size=64,
        intermediate_size=128,
        projection_dim=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=4,
        initializer_factor=3.0,
    )
    encoder = CLIPVisionModel(vision)
    # As in a trained encoder, place and class token make a difference.
    torch.nn.init.normal_(encoder.embeddings.position_embedding.weight)
    torch.nn.init.normal_(encoder.embeddings.class_embedding, std=4.0)
    encoder.save_pretrained(folder / "image_encoder")
    CLIPImageProcessorPil(
        size={"shortest_edge": SIDE},
        crop_size={"height": SIDE, "width": SIDE},
        image_mean=list(CLIP_MEAN),
        image_std=list(CLIP_STD),
    ).save_pretrained(folder / "image_encoder")
    text = LlamaConfig(
        vocab_size=960,
        hidden_size=64,
        intermediate_size=160,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=2048,
        initializer_range=0.25,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        tie_word_embeddings=tied,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(text).save_pretrained(folder / "language_model")
    tokenizer.save_pretrained(folder / "language_model")
    return folder


def make_pair(folder: Path, tied: bool = True, **changed: object) -> Pair:
    """Model and processor, put together and loaded as the stage does.

    Args:
        folder: to work in.
        tied: whether the language model's head is its embedding table.
        changed: keys of params.yaml's section ``model``.
    """
    section = params().model.model_dump() | {"image_tokens_per_side": 12} | changed
    backbones = save_backbones(folder / "backbones", byte_level_tokenizer(), tied)
    model, processor = assemble(backbones, Model.model_validate(section), 5, torch.float32)
    connector: Any = model.model.multi_modal_projector
    torch.nn.init.normal_(connector.mlp[-1].bias, std=0.1)
    if section["connector"] == "ldpv2":  # it starts at zero, where an error would not show
        torch.nn.init.normal_(connector.position.weight, std=0.3)
        torch.nn.init.normal_(connector.position.bias, std=0.1)
    save_model(model, processor, folder / "model")
    return load_model(folder / "model", dtype=torch.float32)
