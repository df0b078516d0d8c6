"""Finding a benchmark's file."""

from __future__ import annotations

import importlib
from functools import cache

from components.benchmarks.benchmark import Benchmark
from components.benchmarks.names import layout_names


@cache
def find_benchmark(layout: str) -> Benchmark:
    """What ``layouts/<layout>.py`` declares as ``BENCHMARK``.

    Raises:
        ValueError: naming the known layouts.
    """
    if layout not in layout_names():
        raise ValueError(f"layout {layout!r} is none of {', '.join(layout_names())}; see components/benchmarks/layouts")
    return importlib.import_module(f"components.benchmarks.layouts.{layout.replace('-', '_')}").BENCHMARK
