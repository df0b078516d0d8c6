"""The stage from the trained model to bundles: written, compared with the model, timed, verified, put in place."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from components.bundles.manifest import Manifest, files_of, write_manifest
from components.bundles.parts_of import open_parts
from components.export.card.write import LLAMA_CPP, licences_of, write_card
from components.export.formats import BundleWriter, check_bundles
from components.export.gguf.projector_check import Verdict, verify_projector
from components.export.original import Original
from components.export.quality.gate import problems
from components.export.quality.measure import measure_quality
from components.export.quality.report import Measured
from components.export.quality.results import Quality
from components.export.report import write_report
from components.export.samples import Sample, calibration_samples, held_out_samples
from components.export.source import describe_source
from components.export.speed.measure import measure_speed
from components.export.verify import verify_in_fresh_process
from components.model.loading import load_model
from components.params.export import GgufBundle, OpenVinoBundle
from components.params.schema import Params
from components.stages.paths import BENCHMARKS, BUNDLES, EXPORT, FINETUNED, SHARDS
from components.training.labels import Markup

WRITING = EXPORT / ".writing"
"""Where bundles are until they are whole. On the same disk as where they go, so that a rename brings them there."""
REFUSED = EXPORT / "refused"
_BF16_BYTES = 2
_JUDGED_PICTURES = 4

_log = logging.getLogger(__name__)


class NotGoodEnough(RuntimeError):
    """A bundle is further from the model that it was made from than its limits allow."""


def run(params: Params) -> None:
    """From the merged model to artifacts/export."""
    started = time.monotonic()
    checked, bf16_mb = _write_and_compare(params)
    qualities = {name: one.quality for name, one in checked.items()}
    _log.info("timing %s beside transformers in bf16", ", ".join(qualities))
    folders = {name: WRITING / name for name in qualities}
    speed = measure_speed(folders, FINETUNED, BENCHMARKS, params.export.speed)
    source = describe_source(Path())
    bundles = [_describe(one, checked[one.name], speed, source, params) for one in params.export.bundles]
    write_report(bundles, speed, bf16_mb, time.monotonic() - started)
    for bundle in bundles:
        _put_in_place(bundle)
    shutil.rmtree(WRITING)
    refused = [sentence for bundle in bundles for sentence in bundle.refused]
    if refused:
        raise NotGoodEnough(f"{'; '.join(refused)}. See {EXPORT / 'report.md'}; what was refused lies in {REFUSED}")


@dataclass(frozen=True)
class _Checked:
    """What was found out about a bundle while the model that it was made from was there."""

    quality: Quality
    verdict: Verdict | None
    """For llama.cpp: whether the one at hand is right. OpenVINO's features are held to their limit alone."""


def _write_and_compare(params: Params) -> tuple[dict[str, _Checked], float]:
    """By bundle, and the size of the model in bf16 in megabytes. The model's memory is free afterwards."""
    settings = params.export
    model, processor = load_model(FINETUNED, dtype=torch.float32)
    check_bundles(settings.bundles, model, processor)
    for folder in (WRITING, REFUSED, BUNDLES):
        shutil.rmtree(folder, ignore_errors=True)
    tokens = params.model.tokens
    markup = Markup(processor.image_token, processor.image_seq_length, tokens.turn_end.text, tokens.end.text)
    shards = SHARDS / "finetune"
    to_calibrate = calibration_samples(shards, settings.calibration_samples, processor.tokenizer, markup)
    held_out = held_out_samples(shards, settings.quality.samples, processor.tokenizer, markup)
    writer, original = BundleWriter(model, processor, to_calibrate), Original(model, processor)
    folders = {wanted.name: WRITING / wanted.name for wanted in settings.bundles}
    verdicts = {}
    for wanted in settings.bundles:
        folder = folders[wanted.name]
        folder.mkdir(parents=True)
        writer.write(folder, wanted)
        write_manifest(folder, _manifest(wanted, folder))
        verdicts[wanted.name] = _judge(wanted, folder, original, held_out, model.config.use_cls)
    _log.info("comparing %s with the model on %d samples and all benchmarks", ", ".join(folders), len(held_out))
    qualities = measure_quality(folders, original, held_out, params, Path())
    checked = {name: _Checked(quality, verdicts[name]) for name, quality in qualities.items()}
    return checked, sum(weights.numel() for weights in model.parameters()) * _BF16_BYTES / 1e6


def _judge(
    wanted: OpenVinoBundle | GgufBundle, folder: Path, original: Original, samples: Sequence[Sample], use_cls: bool
) -> Verdict | None:
    """Whether the llama.cpp at hand reads a GGUF bundle's pictures rightly."""
    if not isinstance(wanted, GgufBundle):
        return None
    pictures = [sample.picture for sample in samples if sample.picture is not None][:_JUDGED_PICTURES]
    verdict = verify_projector(original, lambda: open_parts(folder, "gguf"), pictures, use_cls)
    _log.info("%s: projector %s", wanted.name, verdict.reason)
    return verdict


def _describe(
    wanted: OpenVinoBundle | GgufBundle,
    checked: _Checked,
    speed: Mapping[str, Any],
    source: Mapping[str, Any],
    params: Params,
) -> Measured:
    """Write card and final manifest of a bundle."""
    folder, quality, verdict = WRITING / wanted.name, checked.quality, checked.verdict
    runtime = {} if verdict is None else {LLAMA_CPP: {**asdict(verdict), "verified": verdict.is_right}}
    about = {
        "source": dict(source),
        "licences": licences_of(params),
        "quality": quality.model_dump(mode="json") | runtime,
        "speed": _own_speed(speed, wanted.name),
    }
    write_card(folder, _manifest(wanted, folder, **about), params)
    manifest = _manifest(wanted, folder, **about)
    write_manifest(folder, manifest)
    refused = problems(wanted.name, quality, wanted.limits)
    if verdict is not None and not verdict.is_right:
        refused.append(f"export.bundles[{wanted.name}]: {verdict.reason}; {verdict.right_versions}")
    return Measured(wanted.name, manifest.weights, manifest.size_mb, quality, refused)


def _manifest(wanted: OpenVinoBundle | GgufBundle, folder: Path, **about: dict[str, Any]) -> Manifest:
    return Manifest(name=wanted.name, format=wanted.format, weights=wanted.weights, files=files_of(folder), **about)


def _own_speed(speed: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A bundle's rows, and those of transformers beside it."""
    rows: Sequence[dict[str, Any]] = speed["rows"]
    return {**speed, "rows": [row for row in rows if row["name"] == name or row["name"].startswith("transformers")]}


def _put_in_place(bundle: Measured) -> None:
    """Move a bundle to where it is looked for; a refused one to where it can be looked at."""
    if bundle.refused:
        target = REFUSED / bundle.name
    else:
        _log.info("%s: verifying in a fresh process", bundle.name)
        verify_in_fresh_process(WRITING / bundle.name)
        target = BUNDLES / bundle.name
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(WRITING / bundle.name, target)
