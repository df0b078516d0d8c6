"""Putting two backbones together into one model, with every special token checked."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    CLIPVisionConfig,
    CLIPVisionModel,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedTokenizerBase,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.model.configuration import KoreanVlmConfig
from components.model.connectors import check_grid
from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import CHAT_TEMPLATE, KoreanVlmProcessor
from components.model.refusals import told_to_users
from components.params.schema import Model, Token, Tokens
from components.stages.errors import Missing, UserError


class WrongToken(UserError):
    """A special token does not have the id that params.yaml gives it."""


class NoBackbones(Missing):
    """The backbones are not in place."""


def assemble(
    backbones: Path, params: Model, seed: int, dtype: torch.dtype
) -> tuple[KoreanVlmForConditionalGeneration, KoreanVlmProcessor]:
    """A model whose connector is new and whose other parts are the backbones'.

    Args:
        backbones: folder with image_encoder/ and language_model/, each loadable with ``from_pretrained``.
        params: the section ``model`` of params.yaml.
        seed: of the connector's initial weights.
        dtype: of all weights.

    Raises:
        NoBackbones: if there are none.
        WrongToken: naming the token, the id found and the id expected.
        UnfitConnector: if the connector cannot give ``image_tokens_per_side``.
    """
    require_backbones(backbones)
    tokenizer = AutoTokenizer.from_pretrained(backbones / "language_model")
    check_tokens(tokenizer, params.tokens)
    tower = CLIPVisionModel.from_pretrained(backbones / "image_encoder", dtype=dtype)
    language_model = AutoModelForCausalLM.from_pretrained(backbones / "language_model", dtype=dtype)
    config = join_configs(tower.config, language_model.config, params)
    torch.manual_seed(seed)
    model = KoreanVlmForConditionalGeneration(config).to(dtype)
    model.model.multi_modal_projector.start()
    model.model.vision_tower.load_state_dict(tower.state_dict())
    model.model.language_model.load_state_dict(language_model.model.state_dict())
    model.tie_weights()
    model.generation_config = _generation(params.tokens)
    return model, _processor(backbones, tokenizer, config, params.tokens)


def require_backbones(folder: Path) -> None:
    """See that both are there.

    Raises:
        NoBackbones: naming the one that is not, and the stage that puts it there.
    """
    for part in ("image_encoder", "language_model"):
        if not (folder / part / "config.json").is_file():
            raise NoBackbones(f"no {part} in {folder}: run `dvc repro backbones` first")


def join_configs(image_encoder: CLIPVisionConfig, language_model: PretrainedConfig, params: Model) -> KoreanVlmConfig:
    """The configuration of a model that two backbones are put together into.

    Raises:
        UnfitConnector: if the connector cannot give ``image_tokens_per_side``.
    """
    config = KoreanVlmConfig(
        vision_config=image_encoder,
        text_config=language_model,
        image_token_index=params.tokens.image.id,
        vision_feature_layer=params.feature_layer,
        connector=params.connector,
        image_tokens_per_side=params.image_tokens_per_side,
        use_cls=params.use_cls,
        tie_word_embeddings=language_model.tie_word_embeddings,
    )
    with told_to_users():
        check_grid(config)
    return config


def check_tokens(tokenizer: PreTrainedTokenizerBase, tokens: Tokens) -> None:
    """Compare the id of every special token with the one that params.yaml gives.

    Raises:
        WrongToken: at the first that differs.
    """
    for key in Tokens.model_fields:
        token: Token = getattr(tokens, key)
        found = tokenizer.convert_tokens_to_ids(token.text)
        if found != token.id:
            raise WrongToken(
                f"model.tokens.{key}: {token.text!r} has id {found} in the language model's tokenizer, "
                f"params.yaml expects {token.id}: is this the right language model?"
            )


def _generation(tokens: Tokens) -> GenerationConfig:
    return GenerationConfig(
        eos_token_id=[tokens.turn_end.id, tokens.end.id], pad_token_id=tokens.pad.id, bos_token_id=tokens.pad.id
    )


def _processor(
    backbones: Path, tokenizer: PreTrainedTokenizerBase, config: KoreanVlmConfig, tokens: Tokens
) -> KoreanVlmProcessor:
    tokenizer.pad_token = tokens.pad.text
    tokenizer.eos_token = tokens.end.text
    tokenizer.padding_side = "left"
    return KoreanVlmProcessor(
        image_processor=CLIPImageProcessorPil.from_pretrained(backbones / "image_encoder"),
        tokenizer=tokenizer,
        image_seq_length=config.image_seq_length,
        image_token=tokens.image.text,
        chat_template=CHAT_TEMPLATE.replace("__IMAGE__", tokens.image.text),
    )
