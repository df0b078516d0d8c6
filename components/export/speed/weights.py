"""How much memory decoding a token reads: the weights of the language model and its head."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path

from components.bundles.llama_cpp import names as gguf_names
from components.bundles.openvino import names as openvino_names
from components.export.speed.process import Kind

_BF16_BYTES = 2
_EMBEDDINGS, _HEAD = "embed_tokens.weight", "lm_head.weight"
_PICTURES = ("vision_tower.", "multi_modal_projector.")


def bytes_per_token(kind: Kind, folder: Path) -> int:
    """Bytes of weights that are read for each token.

    An embedding table counts where it is the head, too: looking up one row reads next to nothing.
    """
    if kind == "openvino":  # the embedding table lies in a file of its own
        return (folder / openvino_names.LANGUAGE_MODEL).with_suffix(".bin").stat().st_size
    if kind == "gguf":
        return _gguf_bytes(gguf_names.language_model_path(folder))
    return _parameters(folder) * _BF16_BYTES


def _gguf_bytes(path: Path) -> int:
    import gguf

    sizes = {tensor.name: int(tensor.n_bytes) for tensor in gguf.GGUFReader(path).tensors}
    return sum(sizes.values()) - (sizes["token_embd.weight"] if "output.weight" in sizes else 0)


def _parameters(folder: Path) -> int:
    """Of a model in transformers, or of its language model alone, by the headers of its files of weights."""
    shapes: dict[str, list[int]] = {}
    for path in folder.glob("*.safetensors"):
        shapes |= _shapes(path)
    read = {name: prod(shape) for name, shape in shapes.items() if not any(part in name for part in _PICTURES)}
    has_head = any(name.endswith(_HEAD) for name in read)
    return sum(size for name, size in read.items() if not (has_head and name.endswith(_EMBEDDINGS)))


def _shapes(path: Path) -> dict[str, list[int]]:
    """Shapes by name, as the header of a safetensors file has them: its length in eight bytes, then JSON."""
    with path.open("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
    return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
