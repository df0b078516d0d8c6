"""What a saved model says of itself in config.json."""

from __future__ import annotations

from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import LlavaConfig


@strict
class KoreanVlmConfig(LlavaConfig):
    """LLaVA's configuration with the connector's kind and its grid of image tokens.

    ``image_seq_length`` follows from ``image_tokens_per_side``: 12 gives 144 image tokens. ``use_cls`` says whether
    the image encoder computes its class token beside the patches; the connector never reads it.
    """

    model_type = "korean_vlm"

    connector: str = "ldpv2"
    image_tokens_per_side: int = 12
    use_cls: bool = True

    def __post_init__(self, **kwargs: Any) -> None:
        super().__post_init__(**kwargs)
        self.image_seq_length = self.image_tokens_per_side**2

    @property
    def patches_per_side(self) -> int:
        """Patches in a row of an image: 24 for CLIP ViT-L/14-336."""
        return self.vision_config.image_size // self.vision_config.patch_size
