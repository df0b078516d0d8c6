"""Writing the demo's stand-in: the demo's own two backbones with what they learnt for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoTokenizer, CLIPVisionModel, LlamaForCausalLM

from components.evaluate.models.stand_in import write_stand_in
from components.files.digest import folder_digest

CONNECTOR, ADAPTER = (Path(__file__).parent / name for name in ("connector.safetensors", "adapter"))
"""What learnt KoLLaVA's wording of prompts: the demo's stage 2 with a connector of LLaVA's kind and LoRA of rank 8."""


def write_shipped_stand_in(backbones: Path, scratch: Path) -> Path:
    """The checkpoint's folder, written if it is not there yet. Its name changes with what it is made of."""
    encoder, language_model = backbones / "image_encoder", backbones / "language_model"
    learnt = hashlib.sha256(CONNECTOR.read_bytes() + (ADAPTER / "adapter_model.safetensors").read_bytes()).hexdigest()
    parts = (folder_digest(encoder), folder_digest(language_model), learnt)
    target = scratch / "-".join(part[:8] for part in parts)
    if not target.is_dir():
        write_stand_in(
            target,
            CLIPVisionModel.from_pretrained(encoder),
            _adapted(language_model),
            load_file(CONNECTOR),
            AutoTokenizer.from_pretrained(language_model),
            image_encoder_at=str(encoder.resolve()),
        )
    return target


def _adapted(folder: Path) -> LlamaForCausalLM:
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return PeftModel.from_pretrained(model, ADAPTER).merge_and_unload()
