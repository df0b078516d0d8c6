"""The order of work: fetch, read and check, compare all with all, write shards; then the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from components.archives.files import Files, open_files
from components.files.atomic import new_folder, write_json
from components.fingerprints.stage import record_file, stage_fingerprint
from components.ingest.benchmarks import check_layouts, write_benchmarks
from components.ingest.card.write import write_card
from components.ingest.checks.length import require_language_model
from components.ingest.checks.rules import Rules
from components.ingest.chunks.pipeline import work_through
from components.ingest.chunks.work import Assignment
from components.ingest.licences import read_licences
from components.ingest.mixture import FILE, Part, mix
from components.ingest.origins import check_origins, fetch
from components.ingest.refusals import refused, stop_if_unusable, write_rejects
from components.ingest.selection.overlap import OVERLAP, find_overlap
from components.ingest.selection.select import REMOVED, Selection, select
from components.ingest.selection.split import SPLITS
from components.ingest.shards.parquet import write_table
from components.ingest.shards.plan import plan_shards
from components.ingest.shards.write import place_shards, write_shards
from components.ingest.workplace import Workplace, workplace
from components.params.schema import Ingest, Params, Source

LANGUAGE_MODEL = Path("artifacts/backbones/language_model")
ARTIFACTS, METRICS, SCRATCH = (
    Path("artifacts/ingest"),
    Path("reports/ingest/metrics.json"),
    Path("scratch/ingest"),
)
STAGES = ("pretrain", "finetune")
_MIB = 1024**2


@dataclass(frozen=True)
class _Work:
    """One source's."""

    assignment: Assignment
    place: Workplace
    notes: pa.Table


def run(params: Params, root: Path) -> None:
    """Compute the stage in the project at ``root``, by the workers that are open.

    Raises:
        SourceError: if a data set or benchmark cannot be used.
        WorkerLost: if a worker was killed.
    """
    fingerprint = stage_fingerprint("ingest", params, root)
    ingest, scratch = params.ingest, (root / SCRATCH).resolve()
    require_language_model(str((root / LANGUAGE_MODEL).resolve()))
    licences = read_licences(ingest.sources)
    check_layouts(ingest.benchmarks)
    check_origins(_origins(ingest))

    @cache
    def files(*origins: str) -> Files:
        return open_files([fetch(origin, params.seed, scratch) for origin in origins], scratch / "files")

    works = [_read_and_check(source, files(source.origin, *source.images), params, root) for source in ingest.sources]
    with new_folder(root / ARTIFACTS) as target:
        benchmarks = [(benchmark, files(benchmark.origin)) for benchmark in ingest.benchmarks]
        items = write_benchmarks(benchmarks, ingest.image_side, target / "benchmarks")
        selection = select([work.notes for work in works], items, ingest)
        shards = target / "shards"
        _write_shards(works, selection, ingest, shards)
        mixtures = {stage: _write_mixture(stage, ingest, selection, shards) for stage in STAGES}
        write_rejects(target / "rejects.parquet", ingest.sources, [work.notes for work in works])
        write_table(target / "removed.parquet", selection.removed())
        overlap = find_overlap(selection, ingest.benchmarks, target / "benchmarks", shards)
        write_table(target / "leaks.parquet", overlap, OVERLAP)
        write_card(target, params.profile, [work.notes for work in works], selection, mixtures, licences)
    write_json(root / METRICS, _metrics(ingest, works, selection))
    fingerprint.write(record_file("ingest", root))
    kept = int((selection.split != REMOVED).sum())
    print(f"ingest: {kept:,} samples, {len(benchmarks)} benchmarks in {root / ARTIFACTS}", flush=True)


def _origins(ingest: Ingest) -> list[str]:
    places = [place for source in ingest.sources for place in (source.origin, *source.images)]
    return [*places, *(benchmark.origin for benchmark in ingest.benchmarks)]


def _read_and_check(source: Source, files: Files, params: Params, root: Path) -> _Work:
    rules = _rules(source, params, root)
    place = workplace((root / SCRATCH / "sources").resolve(), source, files, rules, params.seed)
    assignment = Assignment(source, files, rules, place.store, params.seed)
    work_through(assignment)
    notes = place.store.notes()
    print(f"ingest: {source.name}: read {notes.num_rows:,}, refused {refused(notes).num_rows:,}", flush=True)
    stop_if_unusable(source, notes)
    return _Work(assignment, place, notes)


def _rules(source: Source, params: Params, root: Path) -> Rules:
    tokens = params.model.tokens
    return Rules(
        stage=source.stage,
        image_side=params.ingest.image_side,
        max_length=params.ingest.max_length,
        image_tokens=params.model.image_tokens_per_side**2,
        tokenizer=str((root / LANGUAGE_MODEL).resolve()),
        reserved=tuple(sorted({token.text for token in (tokens.image, tokens.turn_end, tokens.end, tokens.pad)})),
    )


def _write_shards(works: Sequence[_Work], selection: Selection, ingest: Ingest, folder: Path) -> None:
    for stage in STAGES:
        for split in SPLITS:
            (folder / stage / split).mkdir(parents=True, exist_ok=True)
    catalogue = selection.catalogue
    splits, keys = (
        catalogue.per_source(values) for values in (selection.split, np.array(selection.keys, dtype=object))
    )
    for work, places, names, notes in zip(works, splits, keys, catalogue.notes, strict=True):
        source, sizes = work.assignment.source, notes["bytes"].to_numpy()
        plans = plan_shards(work.place.store, places, names.tolist(), sizes, ingest.shard_mib * _MIB)
        paths = write_shards(plans, work.assignment, work.place.shards)
        place_shards(plans, paths, source.name, folder / source.stage)
        work.place.tidy(paths)


def _write_mixture(stage: str, ingest: Ingest, selection: Selection, folder: Path) -> dict[str, Part]:
    splits = zip(ingest.sources, selection.catalogue.per_source(selection.split), strict=True)
    samples = {source.name: int((split == SPLITS.index("train")).sum()) for source, split in splits}
    sources = [source for source in ingest.sources if source.stage == stage]
    mixture = mix(sources, samples, ingest.mixture.temperature, getattr(ingest.mixture, stage))
    write_json(folder / stage / FILE, {name: asdict(part) for name, part in mixture.items()})
    return mixture


def _metrics(ingest: Ingest, works: Sequence[_Work], selection: Selection) -> dict[str, object]:
    kept = selection.catalogue.per_source(selection.split != REMOVED)
    samples = dict.fromkeys(STAGES, 0)
    for source, mask in zip(ingest.sources, kept, strict=True):
        samples[source.stage] += int(mask.sum())
    return {
        "samples": samples,
        "rejected": sum(refused(work.notes).num_rows for work in works),
        "removed": int((selection.split == REMOVED).sum()),
    }
