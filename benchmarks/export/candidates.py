"""Who takes part in which table, and what each would need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.export import setting
from benchmarks.export.prepare import IMAGE_ENCODER_ONNX, gguf_files, path_of
from components.bundles.openvino import names
from components.export.speed.weights import bytes_per_token

Part = Literal["language", "image"]


@dataclass(frozen=True)
class Candidate:
    """One row: what ``worker`` opens, and what it takes on a disk."""

    name: str
    weights: str
    kind: str
    path: Path
    option: str
    size_mb: float | None
    """Of the part's files, 10^6 bytes; None: they hold other parts, too."""
    read: int | None = None
    """Bytes of weights that decoding a token reads."""


def language_models(work: Path) -> list[Candidate]:
    """Those whose files are there."""
    path = work / setting.LANGUAGE_MODEL
    bf16 = bytes_per_token("transformers", path)
    found = [
        Candidate("transformers", "fp32", "torch", path, "float32", 2 * bf16 / 1e6, 2 * bf16),
        Candidate("transformers", "bf16", "torch", path, "bfloat16", bf16 / 1e6, bf16),
    ]
    for weights in ("fp16", "int8", "int4"):
        path = path_of(work, f"openvino-{weights}")
        if path.is_dir():
            files = [path / name for xml in (names.LANGUAGE_MODEL, names.EMBEDDINGS) for name in _pair(xml)]
            read = bytes_per_token("openvino", path)
            found.append(Candidate("OpenVINO", weights, "openvino", path, "", _megabytes(files), read))
    for weights in ("int8", "int4"):
        path = path_of(work, f"genai-{weights}")
        if path.is_dir():
            size = _megabytes(path.glob("*.onnx*"))
            found.append(Candidate("ONNX Runtime GenAI", weights, "genai", path, "", size))
    for weights in ("Q8_0", "Q4_K_M"):
        folder = path_of(work, f"gguf-{weights.lower()}")
        if folder.is_dir():
            file, _ = gguf_files(work, folder.name)
            read = bytes_per_token("gguf", folder)
            found.append(Candidate("llama.cpp", weights, "llama_cpp", file, "", _megabytes([file]), read))
    return found


def image_encoders(work: Path) -> list[Candidate]:
    """Those whose files are there."""
    model = work / setting.MODEL
    found = [
        Candidate("torch", "fp32", "torch", model, "float32", None),
        Candidate("torch", "bf16", "torch", model, "bfloat16", None),
    ]
    for weights in ("fp16", "int8"):
        path = path_of(work, f"openvino-{weights}")
        if path.is_dir():
            size = _megabytes(path / name for name in _pair(names.IMAGE_ENCODER))
            found.append(Candidate("OpenVINO", weights, "openvino", path, "", size))
    path = path_of(work, IMAGE_ENCODER_ONNX)
    if path.is_file():
        found.append(Candidate("ONNX Runtime", "int8, dynamic", "onnxruntime", path, "", _megabytes([path])))
    path = path_of(work, "gguf-q8_0")
    if path.is_dir():
        _, projector = gguf_files(work, path.name)
        found.append(Candidate("llama.cpp mtmd", "F16", "llama_cpp", path, "", _megabytes([projector])))
    return found


def bundles(work: Path) -> dict[str, Path]:
    """Folders of the bundles to be timed whole, by name, as far as they are there."""
    named = ("openvino-fp16", "openvino-int8", "openvino-int4", "gguf-q8_0", "gguf-q4_k_m")
    return {name: path_of(work, name) for name in named if path_of(work, name).is_dir()}


def _pair(xml: str) -> tuple[str, str]:
    return xml, xml.replace(".xml", ".bin")


def _megabytes(files: Iterable[Path]) -> float:
    return sum(path.stat().st_size for path in files) / 1e6
