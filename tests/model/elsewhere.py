"""What a user runs who has saved models and not this project: ``python elsewhere.py PICTURE FOLDER...``

Prints, as JSON, where the classes came from and the ids that each model answers with.
"""

from __future__ import annotations

import json
import sys
from importlib.abc import MetaPathFinder
from typing import Any

import torch
from PIL import Image

QUESTION = "무엇인가요?"
NEW_TOKENS = 6


class NotInstalled(MetaPathFinder):
    """Keeps Python from finding the project, wherever it may be installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse the project's packages, leave all others to the next finder."""
        if name.split(".")[0] in {"components", "flows", "dashboards", "tests"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def answer(folder: str, picture: Image.Image) -> dict[str, Any]:
    """Load configuration, processor and model by the Auto classes, and ask for one answer."""
    from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor

    config = AutoConfig.from_pretrained(folder, trust_remote_code=True)
    processor: Any = AutoProcessor.from_pretrained(folder, trust_remote_code=True)
    model: Any = AutoModelForImageTextToText.from_pretrained(folder, trust_remote_code=True)
    inputs = ask(processor, picture)
    with torch.no_grad():
        ids = model.generate(**inputs, max_new_tokens=NEW_TOKENS, do_sample=False)
    return {
        "modules": [type(part).__module__ for part in (config, processor, model)],
        "connector": [config.connector, type(model.model.multi_modal_projector).__name__],
        "ids": ids.tolist(),
    }


def ask(processor: Any, picture: Image.Image) -> Any:
    """The question with its picture, as the model reads it."""
    content = [{"type": "image", "image": picture}, {"type": "text", "text": QUESTION}]
    return processor.apply_chat_template(
        [{"role": "user", "content": content}],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
    )


if __name__ == "__main__":
    sys.meta_path.insert(0, NotInstalled())
    shown = Image.open(sys.argv[1])
    print(json.dumps([answer(folder, shown) for folder in sys.argv[2:]]))
