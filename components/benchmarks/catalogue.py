"""Finding a benchmark's file."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path

from components.benchmarks.benchmark import Benchmark
from components.benchmarks.item import BenchmarkError

_LAYOUTS = Path(__file__).parent / "layouts"


def layout_names() -> list[str]:
    """What ``layout`` of a benchmark may be in params.yaml: the names of the files in layouts/."""
    return sorted(file.stem.replace("_", "-") for file in _LAYOUTS.glob("*.py") if file.stem != "__init__")


@cache
def find_benchmark(layout: str) -> Benchmark:
    """What ``layouts/<layout>.py`` declares as ``BENCHMARK``.

    Raises:
        BenchmarkError: naming the known layouts.
    """
    if layout not in layout_names():
        raise BenchmarkError(
            f"layout {layout!r} is none of {', '.join(layout_names())}; see components/benchmarks/layouts"
        )
    return importlib.import_module(f"components.benchmarks.layouts.{layout.replace('-', '_')}").BENCHMARK
