"""What transformers answers."""

from __future__ import annotations

from PIL import Image

from components.bundles.conversation import Turn
from tests.export.conftest import Pair

QUESTION = [Turn("user", "그림에 쓰인 글자를 읽어 주세요.")]
SPOKEN = [
    Turn("system", "짧게 답하세요."),
    Turn("user", "안녕?"),
    Turn("assistant", "네."),
    Turn("user", "또 뭐가 있나요?"),
]


def generated(pair: Pair, turns: list[Turn], picture: Image.Image | None, count: int) -> list[int]:
    """transformers' greedy answer, without what ends it."""
    model, processor = pair
    talk = [{"role": turn.role, "content": [{"type": "text", "text": turn.text}]} for turn in turns]
    if picture:
        first = next(message for message in talk if message["role"] == "user")
        first["content"] = [{"type": "image"}, *first["content"]]
    text = processor.apply_chat_template(talk, add_generation_prompt=True)
    inputs = processor(text=[text], images=[picture] if picture else None, return_tensors="pt")
    output = model.generate(**inputs, do_sample=False, max_new_tokens=count)[0, inputs["input_ids"].shape[1] :].tolist()
    return [token for token in output if token not in model.generation_config.eos_token_id]
