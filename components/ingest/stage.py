"""The order of work: fetch, read, check, split, write; then the benchmarks; then the card."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from components.files.atomic import new_folder, write_json
from components.ingest.benchmarks import image_digest, write_benchmarks
from components.ingest.card import write_card
from components.ingest.checks import Rules
from components.ingest.origins import fetch
from components.ingest.pipeline import checked_rows
from components.ingest.records import Rejected, SourceError
from components.ingest.shards import ShardWriter, open_parquet
from components.ingest.split import assign
from components.ingest.tally import Tally
from components.ingest.tokens import load_tokenizer
from components.params.schema import Params, Source

LANGUAGE_MODEL = Path("artifacts/backbones/language_model")
ARTIFACTS, METRICS, SCRATCH = (
    Path("artifacts/ingest"),
    Path("reports/ingest/metrics.json"),
    Path("scratch/ingest"),
)
_REJECTS = pa.schema([("source", pa.string()), ("id", pa.string()), ("reason", pa.string())])


def run(params: Params, root: Path) -> None:
    """Compute the stage in the project at ``root``; a Ray session must be open.

    Raises:
        SourceError: if a data set or benchmark cannot be used.
    """
    load_tokenizer(str((root / LANGUAGE_MODEL).resolve()))
    ingest, scratch = params.ingest, (root / SCRATCH).resolve()
    origins = [source.origin for source in ingest.sources] + [one.origin for one in ingest.benchmarks]
    places = {origin: fetch(origin, params.seed, scratch) for origin in dict.fromkeys(origins)}
    with new_folder(root / ARTIFACTS) as target:
        tallies = [_ingest(source, places[source.origin], params, root, target) for source in ingest.sources]
        benchmarks = [(benchmark, places[benchmark.origin]) for benchmark in ingest.benchmarks]
        digests = write_benchmarks(benchmarks, ingest.image_side, target / "benchmarks")
        _write_rejects(target / "rejects.parquet", [row for tally in tallies for row in tally.rejected])
        write_card(target, params.profile, tallies, digests)
    write_json(root / METRICS, _metrics(tallies))
    kept = sum(tally.kept for tally in tallies)
    print(f"ingest: {kept:,} samples, {len(digests)} benchmarks in {root / ARTIFACTS}", flush=True)


def _rules(source: Source, params: Params, root: Path) -> Rules:
    tokens = params.model.tokens
    return Rules(
        stage=source.stage,
        image_side=params.ingest.image_side,
        max_length=params.ingest.max_length,
        image_tokens=params.model.image_tokens_per_side**2,
        tokenizer=str((root / LANGUAGE_MODEL).resolve()),
        reserved=tuple({token.text for token in (tokens.image, tokens.turn_end, tokens.end, tokens.pad)}),
    )


def _ingest(source: Source, folder: Path, params: Params, root: Path, target: Path) -> Tally:
    """One source into its shards."""
    tally = Tally(source)
    shards = target / "shards" / source.stage
    with ShardWriter(shards, source.name, params.ingest.rows_per_shard) as writer:
        for row in checked_rows(folder, source, _rules(source, params, root)):
            if row["reason"] is not None:
                tally.refuse(Rejected(row["source"], row["id"], row["reason"]))
                continue
            split = assign(row["split_key"], params.ingest.split)
            writer.add(split, row)
            tally.keep(split, row, [image_digest(image["bytes"]) for image in row["images"]])
    print(f"ingest: {tally.line()}", flush=True)
    if tally.read == 0:
        raise SourceError(f"source {source.name}: {source.origin} holds no row")
    tally.stop_if_too_many_refused()
    return tally


def _write_rejects(path: Path, rejected: list[Rejected]) -> None:
    rows = [{"source": row.source, "id": row.id, "reason": row.reason} for row in rejected]
    with open_parquet(path, _REJECTS) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema=_REJECTS))


def _metrics(tallies: list[Tally]) -> dict[str, object]:
    samples = {"pretrain": 0, "finetune": 0}
    for tally in tallies:
        samples[tally.source.stage] += tally.kept
    return {"samples": samples, "rejected": sum(len(tally.rejected) for tally in tallies)}
