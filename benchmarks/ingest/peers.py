"""The same work with `datasets.map`, and with a WebDataset writer: two processes each.

    python -m benchmarks.ingest.peers datasets|webdataset OUTPUT [--shared-checks]

Run in a folder that project.py has made. The checks are those of stage ingest, written as one writes them for a row at
a time (Pillow decodes the whole image, the tokenizer takes one conversation); with --shared-checks they are stage
ingest's own functions, so that only what is around them differs. Last line of output: samples kept, rows left out.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import datasets
import imagehash
import webdataset
from PIL import Image, ImageOps

from benchmarks.ingest.project import DATA, rules
from components.archives.files import Files, open_files
from components.ingest.checks.check import Sample, check_all
from components.ingest.checks.length import load_tokenizer
from components.ingest.checks.text import clean_conversation
from components.ingest.records import BadRow, ImageRef, Message, Record

_PROCESSES = 2
_SHARD_ROWS = 10_000
_ROLES = {"human": "user", "gpt": "assistant"}
_ROTATION = 0x0112
Row = dict[str, Any]


def by_row(row: Row) -> Row:
    """The checks as one writes them."""
    try:
        messages = [Message(_ROLES[turn["from"]], turn["value"]) for turn in row["conversations"]]
        turns = clean_conversation(messages, 1, rules().reserved)
        tokens = _count(turns)
        if tokens > rules().max_length:
            raise BadRow(f"too long: {tokens}")
        data = _archive(os.getpid()).read(row["image"])
        image, look = _stored(data)
    except KeyError:
        return _refused("image missing")
    except (BadRow, OSError, ValueError, SyntaxError) as reason:
        return _refused(str(reason))
    return _kept(image, look, [turn.content for turn in turns], tokens)


def by_shared_checks(rows: Sequence[Row]) -> list[Row]:
    """Stage ingest's own checks, of many rows at once."""
    records = [
        Record(
            row["id"],
            "set",
            (ImageRef(row["image"]),),
            tuple(Message(_ROLES[turn["from"]], turn["value"]) for turn in row["conversations"]),
            "cc0",
            "",
        )
        for row in rows
    ]
    outcomes = check_all(records, _files(os.getpid()), rules())
    return [
        _kept(o.images[0].data, o.images[0].look.bits, [t.content for t in o.record.conversation], o.tokens)
        if isinstance(o, Sample)
        else _refused(o.reason)
        for o in outcomes
    ]


def with_datasets(output: Path, shared: bool) -> tuple[int, int]:
    """Load, map, remove repeated samples, write shards."""
    rows = datasets.load_dataset(
        "json", data_files=str(DATA / "chat.json"), split="train", cache_dir=str(output / "cache")
    )
    if shared:
        _files(os.getpid())
        mapped = rows.map(_map_many, batched=True, batch_size=512, num_proc=_PROCESSES)
    else:
        mapped = rows.map(by_row, num_proc=_PROCESSES)
    seen: set[tuple[Any, ...]] = set()
    columns = zip(mapped["reason"], mapped["look"], mapped["texts"], strict=True)
    kept = [place for place, (reason, look, texts) in enumerate(columns) if reason is None and _new(seen, look, texts)]
    chosen = mapped.select(kept)
    for number, begin in enumerate(range(0, len(kept), _SHARD_ROWS)):
        part = chosen.select(range(begin, min(begin + _SHARD_ROWS, len(kept))))
        part.to_parquet(output / f"{number:05d}.parquet")
    return len(kept), len(rows) - len(kept)


def with_webdataset(output: Path, shared: bool) -> tuple[int, int]:
    """Each process writes the shards of its half of the rows; repeated samples are removed within a half."""
    rows = json.loads((DATA / "chat.json").read_text(encoding="utf-8"))
    if shared:
        _files(os.getpid())  # the index is built once, before the processes begin
    half = -(-len(rows) // _PROCESSES)
    parts = [(output, number, rows[number * half : (number + 1) * half], shared) for number in range(_PROCESSES)]
    with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        counts = pool.starmap(_write_tars, parts)
    return sum(counts), len(rows) - sum(counts)


def _write_tars(output: Path, number: int, rows: list[Row], shared: bool) -> int:
    seen: set[tuple[Any, ...]] = set()
    count = 0
    pattern = str(output / f"{number}-%05d.tar")
    with webdataset.ShardWriter(pattern, maxcount=_SHARD_ROWS, verbose=0) as writer:
        for row, found in zip(rows, _checked(rows, shared), strict=True):
            if found["reason"] is None and _new(seen, found["look"], found["texts"]):
                count += 1
                told = {"id": row["id"], "conversation": found["texts"], "tokens": found["tokens"]}
                writer.write({"__key__": row["id"], "jpg": found["data"], "json": told})
    return count


def _checked(rows: list[Row], shared: bool) -> Iterator[Row]:
    if not shared:
        yield from map(by_row, rows)
        return
    for begin in range(0, len(rows), 512):
        yield from by_shared_checks(rows[begin : begin + 512])


def _map_many(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    found = by_shared_checks(rows)
    return {name: [one[name] for one in found] for name in found[0]}


def _new(seen: set[tuple[Any, ...]], look: bytes, texts: list[str]) -> bool:
    key = (look, hashlib.sha256(json.dumps(texts).encode()).digest())
    fresh = key not in seen
    seen.add(key)
    return fresh


def _stored(data: bytes) -> tuple[bytes, bytes]:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    side, shorter = rules().image_side, min(picture.size)
    image = ImageOps.exif_transpose(picture).convert("RGB")
    keeps = picture.format in ("JPEG", "PNG") and picture.mode == "RGB" and shorter <= side
    if shorter > side:
        image = image.resize(
            (round(image.width * side / shorter), round(image.height * side / shorter)), Image.Resampling.BICUBIC
        )
    look = imagehash.phash(image, hash_size=12, highfreq_factor=5).hash.tobytes()
    if keeps and picture.getexif().get(_ROTATION, 1) == 1:
        return data, look
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=95, subsampling=0)
    return stream.getvalue(), look


def _count(turns: Sequence[Message]) -> int:
    tokenizer = load_tokenizer(rules().tokenizer)
    text = tokenizer.apply_chat_template(
        [{"role": turn.role, "content": turn.content} for turn in turns], tokenize=False
    )
    pieces = text.split("<image>")
    return sum(len(tokenizer(piece)["input_ids"]) for piece in pieces if piece) + rules().image_tokens


def _kept(data: bytes, look: bytes, texts: list[str], tokens: int) -> Row:
    return {"data": data, "look": look, "texts": texts, "tokens": tokens, "reason": None}


def _refused(reason: str) -> Row:
    return {"data": b"", "look": b"", "texts": [], "tokens": 0, "reason": reason}


@lru_cache(maxsize=2)
def _archive(process: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(DATA / "images.zip")


@lru_cache(maxsize=2)
def _files(process: int) -> Files:
    return open_files([DATA.resolve()], Path("scratch/files").resolve())


WAYS: dict[str, Callable[[Path, bool], tuple[int, int]]] = {"datasets": with_datasets, "webdataset": with_webdataset}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest.peers", description=__doc__)
    parser.add_argument("way", choices=sorted(WAYS))
    parser.add_argument("output", type=Path)
    parser.add_argument("--shared-checks", action="store_true", help="use stage ingest's own check functions")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True)
    datasets.disable_progress_bars()
    kept, left_out = WAYS[arguments.way](arguments.output, arguments.shared_checks)
    print(json.dumps({"kept": kept, "left_out": left_out}))


if __name__ == "__main__":
    main()
