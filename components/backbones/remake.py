"""Remake the demo's shipped backbones from the generators and a seed: ``python -m components.backbones.remake``."""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.process
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, CLIPVisionModel, LlamaForCausalLM, PreTrainedModel
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from components.backbones.pretraining.alignment import AlignmentPlan, align
from components.backbones.pretraining.description import Describer
from components.backbones.pretraining.image_encoder import (
    CLIP_MEAN,
    CLIP_STD,
    ImageEncoderPlan,
    pretrain_image_encoder,
    training_pictures,
)
from components.backbones.pretraining.language_model import (
    LanguageModelPlan,
    describer_for,
    pretrain_language_model,
)
from components.backbones.pretraining.patches import IMAGE_SIDE
from components.backbones.pretraining.progress import Record, code_digest
from components.backbones.pretraining.tokenizer import train_tokenizer
from components.backbones.shipped import DESCRIBER, SHIPPED, write_hashes
from components.stages.command import make_parser, run_command
from components.stages.errors import UserError

SEED = 17
_NAMING = "naming_encoder"
Job = Callable[[Path, Path], None]


class PretrainingFailed(UserError):
    """One of the processes ended with a traceback of its own."""


def remake_language_model(target: Path, scratch: Path) -> None:
    """Pretrain the language model, save it with its tokenizer, and what described scenes to it beside it."""
    torch.set_num_threads(1)
    tokenizer = train_tokenizer(SEED)
    reader, record = pretrain_language_model(tokenizer, LanguageModelPlan(), SEED, scratch, target / "curves")
    folder = target / "language_model"
    _save(reader.model, folder)
    tokenizer.save_pretrained(folder)
    save_file(reader.describer.to(torch.bfloat16).state_dict(), target / DESCRIBER)
    _record(target / "curves" / "language_model.json", record)


def remake_image_encoder(target: Path, scratch: Path) -> None:
    """Pretrain the image encoder to name what it sees; it is kept in ``scratch``."""
    torch.set_num_threads(1)
    encoder, record = pretrain_image_encoder(ImageEncoderPlan(), SEED, scratch, target / "curves")
    encoder.save_pretrained(scratch / _NAMING)
    _record(target / "curves" / "image_encoder.json", record)


def align_image_encoder(target: Path, scratch: Path) -> None:
    """Teach the image encoder the language model's vectors, and save it with its processor."""
    torch.set_num_threads(2)
    naming = CLIPVisionModel.from_pretrained(scratch / _NAMING)
    pictures = training_pictures(ImageEncoderPlan(), SEED, scratch)
    encoder, record = align(naming, load_describer(target), pictures, AlignmentPlan(), SEED, scratch, target / "curves")
    folder = target / "image_encoder"
    _save(encoder, folder)
    size = {"height": IMAGE_SIDE, "width": IMAGE_SIDE}
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": IMAGE_SIDE}, crop_size=size, image_mean=list(CLIP_MEAN), image_std=list(CLIP_STD)
    )
    processor.save_pretrained(folder)
    _record(target / "curves" / "alignment.json", record)


def load_describer(target: Path) -> Describer:
    """What described scenes to the language model in ``target``."""
    folder = target / "language_model"
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    describer = describer_for(model, AutoTokenizer.from_pretrained(folder))
    describer.load_state_dict(load_file(target / DESCRIBER))
    return describer.requires_grad_(False)


def _child(job: Job, target: Path, scratch: Path) -> None:
    """A job in a process of its own, which ends when the command that started it is killed: two runs must never write
    one restart point."""
    parent = multiprocessing.parent_process()
    if parent:
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()
    job(target, scratch)


def _exit_after(process: multiprocessing.process.BaseProcess) -> None:
    process.join()
    os._exit(1)


def _save(model: PreTrainedModel, folder: Path) -> None:
    model.to(torch.bfloat16).save_pretrained(folder)


def _record(path: Path, record: Record) -> None:
    content = {"seed": SEED, "data_sha256": record.data_sha256, "seconds": round(record.seconds)}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _run(jobs: Sequence[Job], target: Path, scratch: Path) -> None:
    """Run jobs at the same time, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_child, args=(job, target, scratch)) for job in jobs]
    for process in running:
        process.start()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        raise PretrainingFailed("pretraining failed: see the traceback above; run the command again to go on")


def main() -> None:
    """Both at once, a core each; then the image encoder learns the language model's vectors, on both cores."""
    parser = make_parser("components.backbones.remake", __doc__)
    parser.add_argument("--target", type=Path, default=SHIPPED, help="folder that receives the backbones")
    parser.add_argument("--scratch", type=Path, default=Path("scratch/backbones"), help="restart points")
    arguments = parser.parse_args()
    run_command(lambda: remake(arguments.target, arguments.scratch / code_digest()))


def remake(target: Path, scratch: Path) -> None:
    """Write the backbones with their hashes; ``scratch`` holds what a run that was cut short goes on from."""
    _run([remake_language_model, remake_image_encoder], target, scratch)
    _run([align_image_encoder], target, scratch)
    write_hashes(target)
    print(f"backbones written to {target}; remove {scratch} to train from the start again")


if __name__ == "__main__":
    main()
