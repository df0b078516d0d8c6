"""Stage ingest beside its peers, side by side: whole commands, turn by turn, with the memory of all their processes.

python -m benchmarks.ingest.compare --samples 100000 --rounds 2
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.ingest.data import write_set
from benchmarks.ingest.project import ROOT, make_project

_LOOK_EVERY_S = 2.0
_SEED = 1
_PEERS = "benchmarks.ingest.peers"
WAYS: dict[str, list[str]] = {
    "stage ingest": ["-m", "components.ingest"],
    "datasets.map, row by row": ["-m", _PEERS, "datasets", "out"],
    "WebDataset, row by row": ["-m", _PEERS, "webdataset", "out"],
    "datasets.map, shared checks": ["-m", _PEERS, "datasets", "out", "--shared-checks"],
    "WebDataset, shared checks": ["-m", _PEERS, "webdataset", "out", "--shared-checks"],
}


@dataclass
class Measured:
    """One way's runs."""

    seconds: list[float] = field(default_factory=list)
    gib: list[float] = field(default_factory=list)
    """Most memory of all its processes together (proportional set size), a run."""
    kept: set[int] = field(default_factory=set)


def run(way: Sequence[str], project: Path) -> tuple[float, float, int]:
    """Seconds, GiB and samples of one run in a fresh project."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, *way], cwd=project, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        watch = _Watch(process.pid)
        output, _ = process.communicate()
        seconds = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"{' '.join(way)} failed:\n{output}")
    return seconds, watch.stop() / 2**30, _kept(output, project)


def _kept(output: str, project: Path) -> int:
    report = project / "reports/ingest/metrics.json"
    if report.is_file():
        return int(json.loads(report.read_text(encoding="utf-8"))["samples"]["finetune"])
    return int(json.loads(output.splitlines()[-1])["kept"])


class _Watch:
    """Looks at a process and all that descends from it until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._root, self._most, self._ended = psutil.Process(pid), 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """The most memory, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            try:
                family = [self._root, *self._root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self._most = max(self._most, sum(map(_memory, family)))


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def _show(measured: dict[str, Measured], samples: int) -> None:
    table = Table(title=f"{samples:,} samples, {os.cpu_count()} cores; medians")
    for name in ("way", "seconds", "samples/s", "beside stage ingest", "GiB at most", "samples kept"):
        table.add_column(name, justify="left" if name == "way" else "right")
    ours = statistics.median(next(iter(measured.values())).seconds)
    for way, found in measured.items():
        seconds = statistics.median(found.seconds)
        kept = ", ".join(f"{count:,}" for count in sorted(found.kept))
        rate, ratio = f"{samples / seconds:,.0f}", f"{seconds / ours:.2f} x"
        table.add_row(way, f"{seconds:.1f}", rate, ratio, f"{max(found.gib):.2f}", kept)
    Console(width=140).print(table)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ingest.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--data", type=Path, help="a data set that was written before (default: a new one)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingest-") as name:
        folder = Path(name)
        data = arguments.data or folder / "data"
        if arguments.data is None:
            write_set(data, arguments.samples, _SEED)
        measured = {way: Measured() for way in WAYS}
        for _ in range(arguments.rounds):
            for way, command in WAYS.items():
                project = make_project(folder / "project", data)
                seconds, gib, kept = run(command, project)
                measured[way].seconds.append(seconds)
                measured[way].gib.append(gib)
                measured[way].kept.add(kept)
                print(f"{way}: {seconds:.1f} s, {gib:.2f} GiB, {kept:,} samples", flush=True)
                shutil.rmtree(project)
    _show(measured, arguments.samples)


if __name__ == "__main__":
    main()
