"""The stage from the trained model to bundles: written, compared with the model, timed, verified, put in place."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from components.bundles.manifest import Manifest, files_of, write_manifest
from components.bundles.parts_of import open_parts
from components.export.card.write import LLAMA_CPP, licences_of, write_card
from components.export.choosing import Chosen, choose_forms
from components.export.formats import BundleWriter, check_bundles, forms_of
from components.export.gguf.projector_check import Verdict, verify_projector
from components.export.openvino.forms import Form
from components.export.original import Original
from components.export.placing import WRITING, clear, keep_refused, put_in_place
from components.export.quality.measure import measure_distributions, with_scores
from components.export.quality.report import Measured
from components.export.quality.results import Quality
from components.export.report import write_metrics, write_report
from components.export.samples import Sample, calibration_samples, held_out_samples
from components.export.source import describe_source
from components.export.speed.measure import measure_speed
from components.export.verify import verify_in_fresh_process
from components.fingerprints.stage import record_file, stage_fingerprint
from components.model.loading import load_model
from components.params.export import BundleParams
from components.params.schema import Params
from components.stages.errors import UserError
from components.stages.paths import BENCHMARKS, BUNDLES, FINETUNED, SHARDS
from components.training.labels import Markup

_BUNDLES = WRITING / BUNDLES.name
_BF16_BYTES = 2
_JUDGED_PICTURES = 4

_log = logging.getLogger(__name__)


class NotGoodEnough(UserError):
    """A bundle is further from the model that it was made from than its limits allow, in every form."""


def run(params: Params) -> None:
    """From the merged model to artifacts/export."""
    fingerprint = stage_fingerprint("export", params)
    started = time.monotonic()
    checked, bf16_mb = _write_and_compare(params)
    _log.info("timing %s beside transformers in bf16", ", ".join(checked))
    folders = {name: _BUNDLES / name for name in checked}
    speed = measure_speed(folders, FINETUNED, BENCHMARKS, params.export.speed)
    source = describe_source(Path())
    bundles = [_describe(one, speed, source, params) for one in checked.values()]
    write_report(WRITING, bundles, speed, bf16_mb)
    refused = [sentence for bundle in bundles for sentence in bundle.refused]
    if refused:
        kept = keep_refused()
        raise NotGoodEnough(f"{'; '.join(refused)}. Nothing was exported: report and bundles lie in {kept}")
    for name, folder in folders.items():
        _log.info("%s: verifying in a fresh process", name)
        verify_in_fresh_process(folder)
    put_in_place()
    write_metrics(bundles, speed, time.monotonic() - started)
    fingerprint.write(record_file("export"))
    _tell_refused_forms(bundles)


@dataclass(frozen=True)
class _Checked:
    """What was found out about a bundle while the model that it was made from was there."""

    chosen: Chosen
    quality: Quality
    verdict: Verdict | None
    """For llama.cpp: whether the one at hand is right. OpenVINO's features are held to their limit alone."""


def _write_and_compare(params: Params) -> tuple[dict[str, _Checked], float]:
    """By bundle, and the size of the model in bf16 in megabytes. The model's memory is free afterwards."""
    settings = params.export
    model, processor = load_model(FINETUNED, dtype=torch.float32)
    check_bundles(settings.bundles, model, processor)
    clear()
    tokens = params.model.tokens
    markup = Markup(processor.image_token, processor.image_seq_length, tokens.turn_end.text, tokens.end.text)
    shards = SHARDS / "finetune"
    to_calibrate = calibration_samples(shards, settings.calibration_samples, processor.tokenizer, markup)
    held_out = held_out_samples(shards, settings.quality.samples, processor.tokenizer, markup)
    writer, original = BundleWriter(model, processor, to_calibrate), Original(model, processor)

    def write(wanted: BundleParams, form: Form) -> list[str]:
        folder = _BUNDLES / wanted.name
        folder.mkdir(parents=True, exist_ok=True)
        reasons = writer.write(folder, wanted, form)
        write_manifest(folder, _manifest(wanted, folder))
        return reasons

    def compare(names: Sequence[str]) -> dict[str, Quality]:
        _log.info("comparing %s with the model on %d samples", ", ".join(names), len(held_out))
        return measure_distributions({name: _BUNDLES / name for name in names}, original, held_out, params)

    def score(qualities: Mapping[str, Quality]) -> dict[str, Quality]:
        _log.info("comparing %s with the model on all benchmarks", ", ".join(qualities))
        return with_scores(qualities, {name: _BUNDLES / name for name in qualities}, params, Path())

    chosen = choose_forms({one.name: one for one in settings.bundles}, forms_of, write, compare, score)
    checked = {
        name: _Checked(one, one.quality, _judge(one.wanted, original, held_out, model.config.use_cls))
        for name, one in chosen.items()
        if one.quality
    }
    return checked, sum(weights.numel() for weights in model.parameters()) * _BF16_BYTES / 1e6


def _judge(wanted: BundleParams, original: Original, samples: Sequence[Sample], use_cls: bool) -> Verdict | None:
    """Whether the llama.cpp at hand reads a GGUF bundle's pictures rightly."""
    if wanted.format != "gguf":
        return None
    pictures = [sample.picture for sample in samples if sample.picture is not None][:_JUDGED_PICTURES]
    verdict = verify_projector(original, lambda: open_parts(_BUNDLES / wanted.name, "gguf"), pictures, use_cls)
    _log.info("%s: projector %s", wanted.name, verdict.reason)
    return verdict


def _describe(checked: _Checked, speed: Mapping[str, Any], source: Mapping[str, Any], params: Params) -> Measured:
    """Write card and final manifest of a bundle."""
    chosen, quality, verdict = checked.chosen, checked.quality, checked.verdict
    wanted, form = chosen.wanted, chosen.forms[0].name
    folder = _BUNDLES / wanted.name
    runtime = {} if verdict is None else {LLAMA_CPP: {**asdict(verdict), "verified": verdict.is_right}}
    about: dict[str, Any] = {
        "form": form,
        "refused_forms": chosen.refused,
        "arithmetics": quality.arithmetics,
        "source": dict(source),
        "licences": licences_of(params),
        "quality": quality.model_dump(mode="json") | runtime,
        "speed": _own_speed(speed, wanted.name),
    }
    write_card(folder, _manifest(wanted, folder, **about), params)
    manifest = _manifest(wanted, folder, **about)
    write_manifest(folder, manifest)
    refused = list(chosen.problems)
    if verdict is not None and not verdict.is_right:
        refused.append(f"export.bundles[{wanted.name}]: {verdict.reason}; {verdict.right_versions}")
    return Measured(wanted.name, manifest.weights, manifest.size_mb, quality, refused, form, chosen.refused)


def _manifest(wanted: BundleParams, folder: Path, **about: Any) -> Manifest:
    return Manifest(name=wanted.name, format=wanted.format, weights=wanted.weights, files=files_of(folder), **about)


def _own_speed(speed: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A bundle's rows, and those of transformers beside it."""
    rows: Sequence[dict[str, Any]] = speed["rows"]
    return {**speed, "rows": [row for row in rows if row["name"] == name or row["name"].startswith("transformers")]}


def _tell_refused_forms(bundles: Sequence[Measured]) -> None:
    """At the end, where it is read: what is slower than it might have been, and where the reasons are."""
    for bundle in bundles:
        if bundle.refused_forms:
            refused = ", ".join(one.form for one in bundle.refused_forms)
            _log.info(
                "%s: image encoder in form %s, as faster ones broke its limits (%s)", bundle.name, bundle.form, refused
            )
