"""Backbones of the recipe's shapes with random weights, to run, measure and debug the real size without a download:
``python -m components.backbones.stand_in --target FOLDER``.

params.yaml names them as ``origin: folder``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModel, AutoModelForCausalLM, CLIPVisionConfig, LlamaConfig, PreTrainedTokenizerFast
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.backbones.pretraining.image_encoder import CLIP_MEAN, CLIP_STD
from components.backbones.pretraining.tokenizer import CHAT_TEMPLATE, END_OF_TEXT, END_OF_TURN, IM_END, IM_START
from components.files.atomic import new_folder
from components.scenes.instructions import all_instructions
from components.scenes.sampling import SAMPLERS, sample_scene
from components.stages.command import make_parser, run_command

END_OF_TEXT_ID = 100_257
SPECIAL_IDS = {
    END_OF_TEXT: END_OF_TEXT_ID,
    "<|_unuse_missing_100271|>": 100_271,
    IM_START: 100_272,
    IM_END: 100_273,
    "<|stop|>": 100_274,
    END_OF_TURN: 100_275,
}
"""Of naver-hyperclovax/HyperCLOVAX-SEED-Text-Instruct-0.5B's tokenizer."""
_LEARNT_TOKENS = 8_000
_SCENES_A_KIND = 300


def image_encoder_config() -> CLIPVisionConfig:
    """Shapes of openai/clip-vit-large-patch14-336: 303.5 M parameters."""
    return CLIPVisionConfig(
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        image_size=336,
        patch_size=14,
        projection_dim=768,
    )


def language_model_config() -> LlamaConfig:
    """Shapes of naver-hyperclovax/HyperCLOVAX-SEED-Text-Instruct-0.5B: 566.3 M parameters."""
    return LlamaConfig(
        vocab_size=110_592,
        hidden_size=1024,
        intermediate_size=4096,
        num_hidden_layers=24,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,
        max_position_embeddings=8192,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        tie_word_embeddings=True,
        bos_token_id=END_OF_TEXT_ID,
        eos_token_id=END_OF_TEXT_ID,
        pad_token_id=END_OF_TEXT_ID,
    )


def write_stand_ins(target: Path, image_encoder: CLIPVisionConfig, language_model: LlamaConfig, seed: int) -> None:
    """Write image_encoder/ and language_model/ into ``target``, as ``save_pretrained`` leaves them, in bf16.

    Weights are drawn as transformers begins a training from nothing, so that losses are finite: about ln(vocabulary).
    """
    torch.manual_seed(seed)
    side = image_encoder.image_size
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": side},
        crop_size={"height": side, "width": side},
        image_mean=list(CLIP_MEAN),
        image_std=list(CLIP_STD),
    )
    with new_folder(target) as folder:
        encoder = folder / "image_encoder"
        AutoModel.from_config(image_encoder, dtype=torch.bfloat16).save_pretrained(encoder)
        processor.save_pretrained(encoder)
        reader = folder / "language_model"
        AutoModelForCausalLM.from_config(language_model, dtype=torch.bfloat16).save_pretrained(reader)
        stand_in_tokenizer(seed).save_pretrained(reader)


def stand_in_tokenizer(seed: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE that reads any text, with the special tokens at the ids of the real one.

    It learns a few thousand tokens from the demo's Korean; the ids between those and the special tokens have names
    that no merge leads to, as the real one has for ids that it does not use.
    """
    vocabulary, merges = _learn_merges(seed)
    by_id = {number: token for token, number in SPECIAL_IDS.items()}
    for number in range(len(vocabulary), max(by_id) + 1):
        vocabulary[by_id.get(number, f"<|_unuse_missing_{number}|>")] = number
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=END_OF_TEXT,
        eos_token=END_OF_TURN,
        pad_token=END_OF_TEXT,
        additional_special_tokens=[token for token in SPECIAL_IDS if token not in (END_OF_TEXT, END_OF_TURN)],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def _learn_merges(seed: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Tokens with their ids (0 and on), and the pairs of tokens that are joined, in order."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=_LEARNT_TOKENS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(_texts(random.Random(seed)), trainer)
    # The library shows merges nowhere else than in a tokenizer's file.
    learnt = json.loads(tokenizer.to_str())["model"]
    return learnt["vocab"], [(first, second) for first, second in learnt["merges"]]


def _texts(rng: random.Random) -> Iterator[str]:
    for kind in SAMPLERS:
        for _ in range(_SCENES_A_KIND):
            scene = sample_scene(rng, kind, "train")
            yield scene.caption()
            for turn in scene.turns(rng):
                yield from (turn.question, turn.answer)
    for turn in all_instructions():
        yield from (turn.question, turn.answer)


def main() -> None:
    """Command line."""
    parser = make_parser("components.backbones.stand_in", __doc__)
    parser.add_argument("--target", type=Path, required=True, help="folder that receives both backbones")
    parser.add_argument("--seed", type=int, default=17, help="of weights and tokenizer (default: 17)")
    arguments = parser.parse_args()
    shapes = image_encoder_config(), language_model_config()
    run_command(lambda: write_stand_ins(arguments.target, *shapes, arguments.seed))
    print(f"stand-in backbones written to {arguments.target}")


if __name__ == "__main__":
    main()
