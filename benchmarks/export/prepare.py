"""The files that are compared, made once and kept: ``python -m benchmarks.export.prepare``.

Each is made in a process of its own, so that one model is in memory at a time.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from benchmarks.export import setting
from benchmarks.training.setting import SIZES, Size
from components.bundles.llama_cpp import names as gguf_names
from components.bundles.manifest import BundleError, Manifest, files_of, write_manifest
from components.export.formats import BundleWriter, forms_of
from components.files.atomic import new_file, new_folder
from components.model.loading import load_model
from components.params.export import GgufBundle, Limits, OpenVinoBundle

BUNDLES, ONNX = "bundles", "onnx"
IMAGE_ENCODER_ONNX = "image_encoder-int8.onnx"
_SEED = 17
_NO_LIMITS = Limits(kl_mean=1e9, kl_p999=1e9, perplexity_ratio=1e9, top1=0.0, features=-1.0, score_loss=1e9)
_GGUF_TYPES = {"Q8_0": "F16", "Q4_K_M": "F16", "BF16": "F16"}
"""Of language models, each with its projector's."""


def _openvino(weights: str) -> OpenVinoBundle:
    return OpenVinoBundle.model_validate(
        {"name": f"openvino-{weights}", "format": "openvino", "weights": weights, "limits": _NO_LIMITS}
    )


def _gguf(weights: str, projector: str) -> GgufBundle:
    name = f"gguf-{weights.lower()}"
    return GgufBundle.model_validate(
        {"name": name, "format": "gguf", "weights": weights, "projector": projector, "limits": _NO_LIMITS}
    )


_PARAMS: list[OpenVinoBundle | GgufBundle] = [
    *map(_openvino, ("fp16", "int8", "int4")),
    *(_gguf(weights, projector) for weights, projector in _GGUF_TYPES.items()),
]
WANTED: Mapping[str, OpenVinoBundle | GgufBundle] = {wanted.name: wanted for wanted in _PARAMS}


def prepare(work: Path, size: Size, only: Collection[str] | None = None) -> dict[str, str]:
    """Make what is missing.

    Args:
        work: folder for it.
        size: of the backbones.
        only: names of what is needed; None: everything.

    Returns:
        Why the others could not be made, by name: a package that is not installed, or a tool that failed.
    """
    setting.prepared_model(work, size)
    tasks: dict[str, Callable[[Path], None]] = {
        **dict.fromkeys(WANTED, _write_bundle),
        IMAGE_ENCODER_ONNX: _write_onnx_image_encoder,
        **dict.fromkeys(("genai-int8", "genai-int4"), _write_genai),
    }
    reasons = {}
    for name, task in tasks.items():
        target = path_of(work, name)
        if (only is None or name in only) and not target.exists():
            print(f"making {target}", flush=True)
            if reason := _apart(task, target):
                reasons[name] = reason
    return reasons


def path_of(work: Path, name: str) -> Path:
    """Where a prepared thing lies."""
    return work / (BUNDLES if name in WANTED else ONNX) / name


def gguf_files(work: Path, name: str) -> tuple[Path, Path]:
    """A GGUF bundle's language model and projector."""
    folder, wanted = path_of(work, name), WANTED[name]
    assert isinstance(wanted, GgufBundle)
    return folder / gguf_names.language_model_name(wanted.weights), folder / gguf_names.projector_name(wanted.projector)


def _apart(task: Callable[[Path], None], target: Path) -> str | None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_try, task, target).result()


def _try(task: Callable[[Path], None], target: Path) -> str | None:
    try:
        task(target)
    except (ImportError, BundleError, subprocess.CalledProcessError) as error:
        return str(error).splitlines()[0]
    return None


def _write_bundle(target: Path) -> None:
    wanted = WANTED[target.name]
    model, processor = load_model(target.parents[1] / setting.MODEL, dtype=torch.float32)
    samples = setting.calibration(model.config, _SEED)
    with new_folder(target) as folder:
        BundleWriter(model, processor, samples).write(folder, wanted, forms_of(wanted)[0])
        manifest = Manifest(name=wanted.name, format=wanted.format, weights=wanted.weights, files=files_of(folder))
        write_manifest(folder, manifest)


def _write_onnx_image_encoder(target: Path) -> None:
    """Weights of matrix products in eight bits, activations quantised as they come; convolutions stay as they are."""
    import onnxscript  # noqa: F401  # torch says too late that it is missing
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model, _ = load_model(target.parents[1] / setting.MODEL, dtype=torch.float32)
    side = model.config.vision_config.image_size
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent) as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            _ImageTokens(model), (torch.zeros(1, 3, side, side),), plain, input_names=["pixel_values"], dynamo=True
        )
        with new_file(target) as part:
            quantize_dynamic(plain, part, op_types_to_quantize=["MatMul", "Gemm"], weight_type=QuantType.QInt8)


class _ImageTokens(torch.nn.Module):
    """Pixels to image tokens."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model.model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.model.image_tokens(pixel_values)
        return found


def _write_genai(target: Path) -> None:
    """ONNX Runtime GenAI's own builder on the language model alone."""
    import onnxruntime_genai  # noqa: F401  # its builder ends with a less clear message

    work = target.parents[1]
    model, processor = load_model(work / setting.MODEL, dtype=torch.bfloat16)
    source = setting.prepared_language_model(work, model)
    processor.tokenizer.save_pretrained(source)
    del model
    builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "--input", str(source)]
    with new_folder(target) as folder:
        kind = ["--precision", target.name.removeprefix("genai-"), "--execution_provider", "cpu"]
        places = ["--output", str(folder), "--cache_dir", str(folder / "cache")]
        offline = ["--extra_options", "hf_token=false"]
        subprocess.run([*builder, *kind, *places, *offline], check=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full", help="of the backbones (default: full)")
    parser.add_argument("--work", type=Path, default=setting.WORK, help=f"folder for files (default: {setting.WORK})")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    for name, reason in prepare(arguments.work / arguments.size, arguments.size).items():
        print(f"{name} could not be made: {reason}")


if __name__ == "__main__":
    main()
