"""Bundles beside their peers at the recipe's shapes, random weights: ``python -m benchmarks.export.speed``.

Three tables: language models alone, image encoders alone, and whole bundles from a picture and a question to an answer.
For the first two, each candidate is loaded in a fresh process in each round, so that one is in memory at a time; rounds
alternate between all of them.
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.export import setting
from benchmarks.export.candidates import Candidate, Part, bundles, image_encoders, language_models
from benchmarks.export.prepare import prepare
from benchmarks.training.setting import SIZES
from components.bundles.manifest import read_manifest
from components.evaluate.latency.device import device_name
from components.export.speed.bandwidth import Bandwidth
from components.export.speed.measure import compare_speed
from components.export.speed.program import Program, SubjectFailed
from components.files.atomic import write_json
from components.params.export import Speed

TABLES = ("language", "image", "bundles")
_QUESTION = "그림에서 오른쪽에 있는 사람은 무엇을 하고 있나요? 한국어로 짧게 설명해 주세요."
_SIDE, _SEED = 336, 17
_IMAGES_A_TURN = 3

Figures = dict[str, float]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full", help="of the backbones (default: full)")
    parser.add_argument("--work", type=Path, default=setting.WORK, help=f"folder for files (default: {setting.WORK})")
    parser.add_argument("--rounds", type=int, default=3, help="(default: 3)")
    parser.add_argument("--new-tokens", type=int, default=64, help="of an answer (default: 64)")
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES, help="(default: all)")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    work, threads, console = arguments.work / arguments.size, os.cpu_count() or 1, Console(width=120)
    reasons = prepare(work, arguments.size)
    bandwidth = Bandwidth(threads)
    bandwidth.sample()
    found: dict[str, Any] = {"device": device_name("cpu"), "not_run": reasons}
    if "language" in arguments.tables:
        answer = _answer(arguments.new_tokens, bandwidth)
        rows = _take_turns("language", language_models(work), arguments.rounds, threads, answer)
        found["language"] = [row | _share(row, bandwidth.median()) for row in rows]
        console.print(_table("Language models: 144 image + 32 text tokens", found["language"]))
    if "image" in arguments.tables:
        found["image"] = _take_turns("image", image_encoders(work), arguments.rounds, threads, _encode)
        console.print(_table("Image encoder and connector: one picture of 336 x 336", found["image"]))
    if "bundles" in arguments.tables:
        found["bundles"] = _whole(work, arguments.rounds, arguments.new_tokens)
        console.print(_table("Whole bundles, in their runtimes", found["bundles"]))
    for name, reason in reasons.items():
        console.print(f"not run: {name}: {reason}")
    found["bandwidth_gb_s"] = bandwidth.median() / 1e9
    write_json(work / "speed.json", found)
    console.print(f"{found['device']}; memory was read at {found['bandwidth_gb_s']:.1f} GB/s")
    console.print(f"all figures: {work / 'speed.json'}")


def _take_turns(
    part: Part,
    candidates: Sequence[Candidate],
    rounds: int,
    threads: int,
    turn: Callable[[Program], Figures],
) -> list[dict[str, Any]]:
    """Medians of rounds, a row for each candidate."""
    seen: dict[Candidate, list[Figures]] = {candidate: [] for candidate in candidates}
    reasons: dict[Candidate, str] = {}
    for _ in range(rounds):
        for one in candidates:
            if one in reasons:
                continue
            try:
                seen[one].append(_turn(part, one, threads, turn))
            except SubjectFailed as error:
                reasons[one] = str(error).strip().splitlines()[-1]
    return [_row(one, seen[one], reasons.get(one)) for one in candidates]


def _turn(part: Part, one: Candidate, threads: int, turn: Callable[[Program], Figures]) -> Figures:
    arguments = [part, one.kind, str(one.path), one.option, str(threads)]
    with Program("benchmarks.export.worker", arguments) as program:
        return turn(program) | {"peak_mb": program.peak_mb(), "load_seconds": program.load_seconds}


def _row(one: Candidate, seen: Sequence[Figures], reason: str | None) -> dict[str, Any]:
    about = {"runtime": one.name, "weights": one.weights, "disk_mb": one.size_mb, "read": one.read}
    if reason is not None:
        return about | {"not_run": reason}
    return about | {name: median(figures[name] for figures in seen) for name in seen[0]}


def _answer(new_tokens: int, bandwidth: Bandwidth) -> Callable[[Program], Figures]:
    """A turn of a language model: one short answer to warm up, then one that counts."""

    def turn(program: Program) -> Figures:
        program.ask({"new_tokens": 8})
        bandwidth.sample()
        seconds = program.ask({"new_tokens": new_tokens})
        return {
            "first_token_ms": 1000 * seconds["first"],
            "tokens_per_second": (new_tokens - 1) / seconds["decode"],
        }

    return turn


def _encode(program: Program) -> Figures:
    """A turn of an image encoder: one picture to warm up, then some that count."""
    seconds = [program.ask({"picture": number})["seconds"] for number in range(1 + _IMAGES_A_TURN)]
    return {"image_ms": 1000 * median(seconds[1:])}


def _share(row: Mapping[str, Any], bandwidth: float) -> dict[str, float]:
    if row.get("read") is None or "tokens_per_second" not in row:
        return {}
    return {"memory_share": row["read"] * row["tokens_per_second"] / bandwidth}


def _whole(work: Path, rounds: int, new_tokens: int) -> list[dict[str, Any]]:
    """Rows as the stage's own speed report has them, with the size of everything."""
    folders = bundles(work)
    (picture,) = setting.pictures(1, _SIDE, _SEED)
    settings = Speed(prompts=1, new_tokens=new_tokens, rounds=rounds)
    report = compare_speed(folders, work / setting.MODEL, [(_QUESTION, picture)], settings)
    sizes = {name: read_manifest(folder).size_mb for name, folder in folders.items()}
    return [{"disk_mb": sizes.get(row["name"]), **row} for row in report["rows"]]


_COLUMNS = {
    "name": "bundle",
    "with_image": "picture",
    "runtime": "runtime",
    "weights": "weights",
    "disk_mb": "disk MB",
    "peak_mb": "peak RSS MB",
    "load_seconds": "load s",
    "image_ms": "image ms",
    "first_token_ms": "first token ms",
    "tokens_per_second": "decode tokens/s",
    "memory_share": "share of memory limit",
    "not_run": "not run",
}
_DIGITS = {"load_seconds": 1, "tokens_per_second": 1, "memory_share": 2}


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=f"{title}; medians")
    shown = [name for name in _COLUMNS if any(name in row for row in rows)]
    for name in shown:
        table.add_column(_COLUMNS[name])
    for row in rows:
        table.add_row(*(_cell(name, row.get(name)) for name in shown))
    return table


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.{_DIGITS.get(name, 0)}f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
