"""Small parts with random weights, of which checkpoints are made, and the same model worked out by hand from them."""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from PIL import Image
from torch.nn import functional
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaTokenizer, MistralConfig, MistralForCausalLM
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.evaluate.models.spec import Layout, ModelSpec, Precision
from components.evaluate.models.stand_in import write_stand_in

SIDE = 32
PATCHES = 16
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
PIECES = 370
TURN_END, TURN_START = PIECES, PIECES + 1
BEGINNING = 1
WORDS = "당신은 유용한 언어 및 시각 도우미입니다 사용자가 제공하는 콘텐츠를 이해할 수 있으며 그림 사진 무엇 바다 산"


@dataclass(frozen=True)
class Parts:
    """What a checkpoint consists of, and where its encoder and tokenizer lie."""

    encoder: CLIPVisionModel
    language_model: MistralForCausalLM
    connector: dict[str, torch.Tensor]
    encoder_folder: Path
    tokenizer_folder: Path

    @property
    def pieces(self) -> sentencepiece.SentencePieceProcessor:
        """SentencePiece itself, on the checkpoint's tokenizer.model."""
        return sentencepiece.SentencePieceProcessor(model_file=str(self.tokenizer_folder / "tokenizer.model"))

    def write(self, folder: Path, *, holds_encoder: bool = True, shards: int = 3) -> Path:
        """A checkpoint as KoLLaVA's lies on the hub: with tokenizer.model, without tokenizer.json."""
        write_stand_in(
            folder,
            self.encoder,
            self.language_model,
            self.connector,
            LlamaTokenizer.from_pretrained(self.tokenizer_folder, legacy=True),
            image_encoder_at=str(self.encoder_folder),
            holds_encoder=holds_encoder,
            shards=shards,
        )
        (folder / "tokenizer.json").unlink()
        for file in self.tokenizer_folder.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        return folder

    def embed(self, prompt: str, image: Image.Image | None) -> torch.Tensor:
        """What the language model reads (1, length, width): text as the original splits it, image features between."""
        before, mark, after = prompt.partition("<image>")
        texts = [self._text(before)] if not mark else [self._text(before), self._text(after)[:, 1:]]
        if image is None:
            return texts[0]
        return torch.cat([texts[0], self.features(pixels(image)), texts[1]], dim=1)

    @torch.no_grad()
    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """Image tokens (images, patches, width): encoder, two matrices, exact GELU."""
        states = self.encoder(pictures, output_hidden_states=True).hidden_states[-2][:, 1:]
        hidden = functional.gelu(states @ self.connector["0.weight"].T + self.connector["0.bias"])
        return hidden @ self.connector["2.weight"].T + self.connector["2.bias"]

    @torch.no_grad()
    def logits(self, prompt: str, image: Image.Image | None) -> torch.Tensor:
        """Scores (length, vocabulary)."""
        return self.language_model(inputs_embeds=self.embed(prompt, image)).logits[0]

    @torch.no_grad()
    def greedy(self, prompt: str, image: Image.Image | None, steps: int) -> list[int]:
        """The most probable next token, step by step, without a cache."""
        state, tokens = self.embed(prompt, image), []
        for _ in range(steps):
            tokens.append(int(self.language_model(inputs_embeds=state).logits[0, -1].argmax()))
            if tokens[-1] == TURN_END:
                break
            state = torch.cat([state, self._embed(tokens[-1:])], dim=1)
        return tokens

    def ids(self, text: str) -> list[int]:
        """Tokens as the original's slow tokenizer gives them: SentencePiece between special tokens."""
        special = {"<|im_end|>": [TURN_END], "<|im_start|>": [TURN_START]}
        parts = [part for part in re.split(r"(<\|im_start\|>|<\|im_end\|>)", text) if part]
        return [BEGINNING, *(token for part in parts for token in special.get(part) or self.pieces.encode(part))]

    def _text(self, text: str) -> torch.Tensor:
        return self._embed(self.ids(text))

    @torch.no_grad()
    def _embed(self, tokens: list[int]) -> torch.Tensor:
        return self.language_model.get_input_embeddings()(torch.tensor([tokens]))


def make_parts(folder: Path) -> Parts:
    """Parts with random weights; encoder and tokenizer are written into ``folder``."""
    torch.manual_seed(3)
    encoder = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            projection_dim=32,
            num_hidden_layers=3,
            num_attention_heads=2,
            image_size=SIDE,
            patch_size=8,
            initializer_factor=5.0,
        )
    ).eval()
    language_model = MistralForCausalLM(
        MistralConfig(
            vocab_size=PIECES + 2,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=512,
            initializer_range=0.15,
            rms_norm_eps=1e-5,
            rope_parameters={"rope_type": "default", "rope_theta": 5_000.0},
            sliding_window=None,
        )
    ).eval()
    shapes = {"0.weight": (64, 32), "0.bias": (64,), "2.weight": (64, 64), "2.bias": (64,)}
    connector = {name: torch.randn(shape) * 0.3 for name, shape in shapes.items()}
    encoder.save_pretrained(folder / "encoder")
    image_processor().save_pretrained(folder / "encoder")
    return Parts(encoder, language_model, connector, folder / "encoder", write_tokenizer(folder / "tokenizer"))


def image_processor() -> CLIPImageProcessorPil:
    """CLIP's, for small pictures."""
    size = {"height": SIDE, "width": SIDE}
    return CLIPImageProcessorPil(
        size={"shortest_edge": SIDE}, crop_size=size, image_mean=list(MEAN), image_std=list(STD)
    )


def write_tokenizer(folder: Path) -> Path:
    """Llama's kind of tokenizer as old versions saved it: BPE by SentencePiece with bytes for what it does not know."""
    folder.mkdir(parents=True)
    rng = random.Random(5)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(" ".join(rng.choices(WORDS.split(), k=8)) + "." for _ in range(300)),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=PIECES,
        model_type="bpe",
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        minloglevel=2,
    )
    (folder / "tokenizer.vocab").unlink()
    special = {"bos_token": "<s>", "eos_token": "<|im_end|>", "unk_token": "<unk>", "pad_token": "<unk>"}
    for name, content in {
        "added_tokens.json": {"<|im_end|>": TURN_END, "<|im_start|>": TURN_START},
        "special_tokens_map.json": special,
        "tokenizer_config.json": special | {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True},
    }.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    """Noise, coarse enough to survive scaling."""
    noise = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BILINEAR)


def pixels(image: Image.Image) -> torch.Tensor:
    """CLIP's input (1, 3, side, side): a square with bars in the mean colour, scaled and normalised."""
    longest = max(image.size)
    square = Image.new("RGB", (longest, longest), (122, 116, 104))
    square.paste(image, ((longest - image.width) // 2, (longest - image.height) // 2))
    scaled = np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BICUBIC), dtype=np.float64) / 255
    return torch.from_numpy((scaled - MEAN) / STD).float().permute(2, 0, 1)[None]


def spec(
    folder: Path, layout: Layout, precision: Precision = "fp32", system: str | None = None, encoder: str | None = None
) -> ModelSpec:
    """A model in a folder, on the CPU."""
    return ModelSpec("small", f"folder:{folder}", layout, precision, "cpu", system, encoder)
