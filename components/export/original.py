"""The model that bundles are made from, asked in the same way as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from components.model.modeling import KoreanVlmForConditionalGeneration
from components.model.processing import KoreanVlmProcessor


class Original:
    """The unquantised model in its parts (components.bundles.parts.Parts)."""

    def __init__(self, model: KoreanVlmForConditionalGeneration, processor: KoreanVlmProcessor) -> None:
        self._model, self._processor = model.eval(), processor

    @torch.no_grad()
    def features(self, picture: Image.Image) -> np.ndarray:
        """What the language model reads of a picture: (image tokens, width), float32."""
        pixels = torch.as_tensor(self._processor.image_processor([picture], return_tensors="np")["pixel_values"])
        return self._model.model.image_tokens(pixels)[0].float().numpy()

    @torch.no_grad()
    def logits(self, ids: Sequence[int], features: np.ndarray | None, first: int = 0) -> np.ndarray:
        """Logits (len(ids) - first, vocabulary), float32, of a text's positions from ``first`` on."""
        states = self._model.model.language_model(inputs_embeds=self.embedded(ids, features)[None], use_cache=False)
        return self._model.lm_head(states.last_hidden_state[0, first:]).float().numpy()

    @torch.no_grad()
    def embedded(self, ids: Sequence[int], features: np.ndarray | None) -> torch.Tensor:
        """What the language model reads: (len(ids), width)."""
        known = torch.tensor(ids)
        embedded = self._model.get_input_embeddings()(known)
        if features is not None:
            embedded[known == self._model.config.image_token_index] = torch.from_numpy(features).to(embedded.dtype)
        return embedded
