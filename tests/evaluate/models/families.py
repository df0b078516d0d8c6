"""Small models of other people's kinds, saved as transformers saves them."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    CLIPVisionConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3Processor,
    LlamaConfig,
    LlamaTokenizer,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

from components.backbones.shipped import SHIPPED
from components.model.assembling import assemble
from components.model.loading import save_model
from tests.evaluate.models.parts import SIDE, image_processor
from tests.model.tiny import params

TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}] {% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}{% endfor %} {% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
"""It begins with the token of the beginning, as many do, which the tokenizer would put there, too."""


def save_own(folder: Path) -> Path:
    """This project's, of the backbones that come with it."""
    save_model(*assemble(SHIPPED, params().model, 17, torch.float32), folder)
    return folder


def save_llava(folder: Path, tokenizer_folder: Path) -> Path:
    """LLaVA in transformers' layout."""
    tokenizer = _tokenizer(tokenizer_folder)
    tokenizer.add_tokens(["<image>"], special_tokens=True)
    torch.manual_seed(8)
    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2, image_size=SIDE, patch_size=8
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=_llama(len(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    LlavaProcessor(
        image_processor(),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    ).save_pretrained(folder)
    return folder


def save_idefics(folder: Path, tokenizer_folder: Path) -> Path:
    """Idefics 3, whose pictures are cut into tiles."""
    tokenizer = _tokenizer(tokenizer_folder)
    tiles = Idefics3ImageProcessorPil(size={"longest_edge": 2 * SIDE}, max_image_size={"longest_edge": SIDE})
    processor = Idefics3Processor(tiles, tokenizer, image_seq_len=4, chat_template=TEMPLATE)
    torch.manual_seed(9)
    config = Idefics3Config(
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": SIDE,
            "patch_size": 8,
        },
        text_config=_llama(len(tokenizer)).to_dict(),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=0,
        tie_word_embeddings=False,
    )
    Idefics3ForConditionalGeneration(config).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    read = LlamaTokenizer.from_pretrained(folder, legacy=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=read.backend_tokenizer, bos_token="<s>", eos_token="<|im_end|>", unk_token="<unk>"
    )


def _llama(vocabulary: int) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.15,
        pad_token_id=0,
        tie_word_embeddings=False,
    )
