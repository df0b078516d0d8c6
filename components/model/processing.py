"""Text and images to what the model takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import LlavaProcessor
from transformers.processing_utils import MultiModalData

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}{{ '__IMAGE__\n' }}{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endif %}"
    "{{ '<|im_end|>' }}{% if message['role'] == 'assistant' %}{{ '<|endofturn|>' }}{% endif %}{{ '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""HyperCLOVA X's turns; an image is its token and a line break. ``__IMAGE__`` is filled in when a model is built."""


class KoreanVlmProcessor(LlavaProcessor):
    """LLaVA's processor, but an image takes as many tokens as the connector gives."""

    def __init__(
        self,
        image_processor: Any = None,
        tokenizer: Any = None,
        image_seq_length: int = 144,
        image_token: str = "<image>",
        chat_template: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.image_seq_length = image_seq_length
        super().__init__(
            image_processor,
            tokenizer,
            image_token=image_token,
            chat_template=chat_template,
            patch_size=1,
            **_plain(kwargs),
        )

    def replace_image_token(self, image_inputs: dict[str, Any], image_idx: int, **kwargs: Any) -> str:
        """The text that stands for one image."""
        return self.image_token * self.image_seq_length

    def _get_num_multimodal_tokens(
        self, image_sizes: Sequence[tuple[int, int]] | None = None, **kwargs: Any
    ) -> MultiModalData:
        """How many tokens images of some sizes take, which vLLM asks: all take the same."""
        if image_sizes is None:
            return MultiModalData()
        images = len(image_sizes)
        return MultiModalData(num_image_tokens=[self.image_seq_length] * images, num_image_patches=[1] * images)


def _plain(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Without what a saved LLaVA processor names but this one fixes."""
    return {key: value for key, value in kwargs.items() if key != "patch_size"}
