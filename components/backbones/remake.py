"""Remake the demo's shipped backbones from the generators and a seed: ``python -m components.backbones.remake``."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import multiprocessing.process
import os
import threading
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import PreTrainedModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.backbones.pretraining.image_encoder import (
    CLIP_MEAN,
    CLIP_STD,
    ImageEncoderPlan,
    pretrain_image_encoder,
)
from components.backbones.pretraining.language_model import LanguageModelPlan, pretrain_language_model
from components.backbones.pretraining.patches import IMAGE_SIDE
from components.backbones.pretraining.progress import Record
from components.backbones.pretraining.tokenizer import train_tokenizer
from components.backbones.shipped import SHIPPED, write_hashes

SEED = 17


def remake_image_encoder(target: Path, scratch: Path) -> None:
    """Pretrain the image encoder and save it with its processor."""
    encoder, record = pretrain_image_encoder(ImageEncoderPlan(), SEED, scratch, target / "curves")
    folder = target / "image_encoder"
    _save(encoder, folder)
    size = {"height": IMAGE_SIDE, "width": IMAGE_SIDE}
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": IMAGE_SIDE}, crop_size=size, image_mean=list(CLIP_MEAN), image_std=list(CLIP_STD)
    )
    processor.save_pretrained(folder)
    _record(target / "curves" / "image_encoder.json", record)


def remake_language_model(target: Path, scratch: Path) -> None:
    """Pretrain the language model and save it with its tokenizer."""
    tokenizer = train_tokenizer(SEED)
    model, record = pretrain_language_model(tokenizer, LanguageModelPlan(), SEED, scratch, target / "curves")
    folder = target / "language_model"
    _save(model, folder)
    tokenizer.save_pretrained(folder)
    _record(target / "curves" / "language_model.json", record)


def _on_one_core(job: Callable[[Path, Path], None], target: Path, scratch: Path) -> None:
    """A job in a process of its own, which ends when the command that started it is killed: two runs must never write
    one restart point."""
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()
    torch.set_num_threads(1)
    job(target, scratch)


def _exit_after(process: multiprocessing.process.BaseProcess) -> None:
    process.join()
    os._exit(1)


def _save(model: PreTrainedModel, folder: Path) -> None:
    model.to(torch.bfloat16).save_pretrained(folder)


def _record(path: Path, record: Record) -> None:
    content = {"seed": SEED, "data_sha256": record.data_sha256, "seconds": round(record.seconds)}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Train both at once, a core each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=Path, default=SHIPPED, help="folder that receives the backbones")
    parser.add_argument("--scratch", type=Path, default=Path("scratch/backbones"), help="restart points")
    parser.add_argument("--only", choices=("image_encoder", "language_model"), help="remake one of the two")
    arguments = parser.parse_args()
    jobs = {"image_encoder": remake_image_encoder, "language_model": remake_language_model}
    chosen = [jobs[arguments.only]] if arguments.only else list(jobs.values())
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_on_one_core, args=(job, arguments.target, arguments.scratch)) for job in chosen]
    for process in running:
        process.start()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        raise SystemExit("pretraining failed: see the traceback above; run the command again to go on")
    write_hashes(arguments.target)
    print(f"backbones written to {arguments.target}; remove {arguments.scratch} to train from the start again")


if __name__ == "__main__":
    main()
