"""Convert, quantise, write, verify, report."""

from __future__ import annotations

import time

import torch

from components.export.bundle import write_bundle
from components.export.convert import convert_embeddings, convert_image_encoder, convert_language_model
from components.export.items import calibration_pictures
from components.export.preprocess import Preprocessing
from components.export.quantise import compress_weights, quantise_image_encoder
from components.export.verify import verify_in_fresh_process
from components.files.atomic import new_folder, write_json
from components.model.loading import load_model
from components.params.schema import Params
from components.stages.paths import BENCHMARKS, BUNDLE, EXPORT_REPORT, FINETUNED, REPORTS, SCRATCH, SHARDS

_MEGABYTE = 1e6
_BF16_BYTES = 2


class NotGoodEnough(RuntimeError):
    """The bundle answers too differently from the model that it was made from."""


def run(params: Params) -> None:
    """From the merged model to artifacts/export."""
    started = time.monotonic()
    model, processor = load_model(FINETUNED, dtype=torch.float32)
    image_processor = processor.image_processor
    preprocess = Preprocessing(
        model.config.vision_config.image_size, tuple(image_processor.image_mean), tuple(image_processor.image_std)
    )
    pictures = calibration_pictures(SHARDS / "finetune", params.export.calibration_images)
    print(f"export: quantising, with {len(pictures)} pictures for calibration", flush=True)
    image_encoder = quantise_image_encoder(convert_image_encoder(model), [preprocess(p) for p in pictures])
    embeddings = compress_weights(convert_embeddings(model))
    language_model = compress_weights(convert_language_model(model))
    parameters = sum(p.numel() for p in model.parameters())
    with new_folder(BUNDLE) as folder:
        files = write_bundle(folder, image_encoder, embeddings, language_model, model, processor)
        print(f"export: comparing with the unquantised model on {params.export.agreement_items} questions", flush=True)
        found = verify_in_fresh_process(FINETUNED, folder, BENCHMARKS, params.export, SCRATCH / "export-verify.json")
    size = {
        "bundle": sum(entry["bytes"] for entry in files.values()) / _MEGABYTE,
        "merged_bf16": parameters * _BF16_BYTES / _MEGABYTE,
    }
    write_json(EXPORT_REPORT, {"files": files, "size_mb": size, **found})
    metrics = {
        "size_mb": round(size["bundle"], 3),
        "agreement": round(found["agreement"]["same_answer"], 4),
        "top1": round(found["agreement"]["top1"], 4),
        "speedup": round(found["speed"]["ratio"], 3),
        "seconds": round(time.monotonic() - started, 1),
    }
    write_json(REPORTS / "export" / "metrics.json", metrics)
    if found["agreement"]["same_answer"] < params.export.min_agreement:
        raise NotGoodEnough(
            f"the bundle gives the same answer on {found['agreement']['same_answer']:.1%} of the questions, "
            f"export.min_agreement asks for {params.export.min_agreement:.1%}: see {EXPORT_REPORT}"
        )
