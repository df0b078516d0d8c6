"""Writing the demo's stand-in: the demo's own two backbones with what they learnt for it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, CLIPVisionModel, LlamaForCausalLM

from components.evaluate.models.stand_in import write_stand_in
from components.files.digest import folder_digest
from components.fingerprints.fingerprint import of_code

CONNECTOR, ADAPTER = (Path(__file__).parent / name for name in ("connector.safetensors", "adapter"))
"""What learnt KoLLaVA's wording of prompts: the demo's stage 2 with a connector of LLaVA's kind and LoRA of rank 8."""
_PREFIX, _LORA_A, _LORA_B = "base_model.model.", ".lora_A.", ".lora_B."
"""In PEFT's names of weights."""


def write_shipped_stand_in(backbones: Path, scratch: Path) -> Path:
    """The checkpoint's folder, written if it is not there yet. Its name changes with what it is made of."""
    encoder, language_model = backbones / "image_encoder", backbones / "language_model"
    learnt = hashlib.sha256(CONNECTOR.read_bytes() + (ADAPTER / "adapter_model.safetensors").read_bytes()).hexdigest()
    parts = (folder_digest(encoder), folder_digest(language_model), learnt, of_code(__name__).digest)
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
    """With LoRA merged: W + B A alpha / r. PEFT does the same, and takes seconds to import."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    settings = json.loads((ADAPTER / "adapter_config.json").read_text(encoding="utf-8"))
    learnt = {name: part.float() for name, part in load_file(ADAPTER / "adapter_model.safetensors").items()}
    scale = settings["lora_alpha"] / settings["r"]
    for name in (name for name in learnt if _LORA_A in name):
        module = model.get_submodule(name.removeprefix(_PREFIX).partition(_LORA_A)[0])
        module.weight.data += learnt[name.replace(_LORA_A, _LORA_B)] @ learnt[name] * scale
    return model
