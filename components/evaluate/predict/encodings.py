"""What image encoders made of pictures, for the next model that has the same encoder: a frozen one is in several."""

from __future__ import annotations

import hashlib
from typing import Any

import torch

_MOST_BYTES = 512 * 1024**2
_DECIDES = ("hidden_act", "layer_norm_eps", "num_attention_heads", "patch_size", "image_size")
"""What an encoder's configuration says beside what its weights do."""


class Encodings:
    """Models see the same pictures in the same order; so the first ones are kept, up to a size."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._kept: dict[tuple[str, str], torch.Tensor] = {}
        self._left = most_bytes

    def get(self, encoder: str, picture: str) -> torch.Tensor | None:
        """(patches, width), by the digests of both."""
        return self._kept.get((encoder, picture))

    def add(self, encoder: str, picture: str, patches: torch.Tensor) -> None:
        """Keep it, if there is room."""
        size = patches.numel() * patches.element_size()
        if size <= self._left:
            self._left -= size
            self._kept[encoder, picture] = patches.cpu()


class Encoder:
    """A model's encoder, up to what its connector reads.

    Args:
        model: a LLaVA whose connector reads one layer, or one of ours.
    """

    def __init__(self, model: Any, encodings: Encodings) -> None:
        self._model, self._encodings = model.model, encodings
        self._digest = _digest_of(self._model)

    @staticmethod
    def works_with(model: Any) -> bool:
        """Whether the connector reads the patches of one layer."""
        return isinstance(model.config.vision_feature_layer, int)

    def features(self, pixel_values: torch.Tensor) -> list[torch.Tensor]:
        """Images (n, 3, height, width) to what the language model reads of each; only new ones are encoded."""
        names = [hashlib.sha256(image.cpu().float().numpy().tobytes()).hexdigest() for image in pixel_values]
        known = [self._encodings.get(self._digest, name) for name in names]
        missing = [place for place, patches in enumerate(known) if patches is None]
        if missing:
            for place, patches in zip(missing, self._encode(pixel_values[missing]), strict=True):
                known[place] = patches
                self._encodings.add(self._digest, names[place], patches)
        together = torch.stack([patches.to(pixel_values.device) for patches in known if patches is not None])
        return list(self._model.multi_modal_projector(together))

    def _encode(self, pixel_values: torch.Tensor) -> torch.Tensor:
        model, config = self._model, self._model.config
        if hasattr(model, "patch_features"):
            patches: torch.Tensor = model.patch_features(pixel_values)
            return patches
        states = model.vision_tower(pixel_values, output_hidden_states=True).hidden_states[config.vision_feature_layer]
        return states[:, 1:] if config.vision_feature_select_strategy == "default" else states


def _digest_of(model: Any) -> str:
    """Of all that decides what the connector reads."""
    tower, config = model.vision_tower, model.config
    decides = [str(getattr(tower.config, name)) for name in _DECIDES]
    # Ours says by use_cls what LLaVA says by a strategy: whether the encoder's first token is left out.
    drops_first = getattr(config, "use_cls", config.vision_feature_select_strategy == "default")
    has_first = getattr(config, "use_cls", True)
    decides += [str(config.vision_feature_layer), str(drops_first), str(has_first), str(tower.dtype), str(tower.device)]
    digest = hashlib.sha256("\n".join(decides).encode())
    for name, weights in sorted(tower.state_dict().items()):
        digest.update(name.encode() + weights.detach().cpu().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
