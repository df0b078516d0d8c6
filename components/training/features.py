"""What the image encoder makes of pictures that are shown more than once: it never learns, so once is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import torch

from components.model.modeling import KoreanVlmForConditionalGeneration
from components.params.schema import Training
from components.stages.progress import Progress
from components.training.samples import Samples

_SAMPLES_AT_ONCE = 16
_MIB = 1024**2

Say = Callable[[str], None]


def keep_features(
    model: KoreanVlmForConditionalGeneration, train: Samples, held_out: Samples, params: Training, say: Say
) -> None:
    """Encode all pictures before training begins, and let batches hold what was made of them.

    Only where that pays and fits: pictures are shown more than once, one worker shows all of them, and they take no
    more than ``params.feature_cache_mib`` of memory. Else every step encodes its own pictures.
    """
    if params.workers > 1:
        return
    left = params.feature_cache_mib * _MIB
    for samples, is_shown_again in ((held_out, True), (train, params.epochs > 1)):
        size = samples.pictures * _bytes_a_picture(model)
        if is_shown_again and 0 < size <= left:
            left -= size
            samples.use_features(_encode(model, samples, say))


def _bytes_a_picture(model: KoreanVlmForConditionalGeneration) -> int:
    patches, width = _shape(model)
    return patches * width * model.model.vision_tower.dtype.itemsize


def _shape(model: KoreanVlmForConditionalGeneration) -> tuple[int, int]:
    """Of a picture's features: patches and width."""
    vision = model.config.vision_config
    return (vision.image_size // vision.patch_size) ** 2, vision.hidden_size


@torch.no_grad()
def _encode(model: KoreanVlmForConditionalGeneration, samples: Samples, say: Say) -> torch.Tensor:
    """Features of all pictures, (pictures, patches, width), on the CPU."""
    device = next(model.parameters()).device
    features = torch.empty(samples.pictures, *_shape(model), dtype=model.model.vision_tower.dtype)
    progress = Progress("pictures", "samples encoded", len(samples), say=say, tells_end=False)
    done = 0
    for count, pixels in _read_ahead(samples):
        if pixels is not None:
            features[done : done + len(pixels)] = model.model.patch_features(pixels.to(device)).cpu()
            done += len(pixels)
        progress.add(count)
    return features


def _read_ahead(samples: Samples) -> Iterator[tuple[int, torch.Tensor | None]]:
    """Some samples at a time: how many, and their pictures, read while those before them are encoded."""
    parts = [range(i, min(i + _SAMPLES_AT_ONCE, len(samples))) for i in range(0, len(samples), _SAMPLES_AT_ONCE)]
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(samples.pixels, parts[0])
        for part, following in zip(parts, [*parts[1:], range(0)], strict=True):
            pixels = ahead.result()
            ahead = reader.submit(samples.pixels, following)
            yield len(part), pixels
