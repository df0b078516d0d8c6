"""Writing the demo's stand-in: the demo's own two backbones, with a connector of LLaVA's kind."""

from __future__ import annotations

import hashlib
from pathlib import Path

from safetensors.torch import load_file
from transformers import AutoTokenizer, CLIPVisionModel, LlamaForCausalLM

from components.evaluate.models.stand_in import write_stand_in
from components.files.digest import folder_digest

CONNECTOR = Path(__file__).parent / "connector.safetensors"


def write_shipped_stand_in(backbones: Path, scratch: Path) -> Path:
    """The checkpoint's folder, written if it is not there yet. Its name changes with what it is made of."""
    encoder, language_model = backbones / "image_encoder", backbones / "language_model"
    parts = [folder_digest(encoder), folder_digest(language_model), hashlib.sha256(CONNECTOR.read_bytes()).hexdigest()]
    target = scratch / "-".join(part[:8] for part in parts)
    if not target.is_dir():
        write_stand_in(
            target,
            CLIPVisionModel.from_pretrained(encoder),
            LlamaForCausalLM.from_pretrained(language_model),
            load_file(CONNECTOR),
            AutoTokenizer.from_pretrained(language_model),
            image_encoder_at=str(encoder.resolve()),
        )
    return target
