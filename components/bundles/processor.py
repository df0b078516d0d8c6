"""What a processor is, as far as a bundle's answers depend on it; without any runtime."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Arithmetic = Literal["exact", "saturating", "unknown"]
"""Of products of bytes: exact with VNNI; sums of two of them cut off at 16 bits without it. Unknown: neither was seen,
or the processor is not of the x86-64 kind."""

_LISTING = Path("/proc/cpuinfo")
# The first that is there names the set; what each adds is what products of bytes are computed with.
_SETS = (
    ("amx_int8", "AMX"),
    ("avx512_vnni", "AVX-512 VNNI"),
    ("avx_vnni", "AVX-VNNI"),
    ("avx512f", "AVX-512"),
    ("avx2", "AVX2"),
    ("sse4_1", "SSE4.1"),
)
_LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
"""Environment variables by which OpenVINO is told to use no more than an instruction set."""


@dataclass(frozen=True)
class Processor:
    """What a figure was measured on."""

    name: str
    instruction_set: str
    """The largest for products of bytes, such as AVX2; the architecture where the system does not list any."""
    arithmetic: Arithmetic


def processor_name(listing: Path = _LISTING) -> str:
    """As the system tells it (Linux), else its architecture."""
    return _field(listing, "model name") or platform.machine()


def instruction_set(listing: Path = _LISTING) -> str:
    """The largest that products of bytes can be computed with, and to which the environment restricts it."""
    flags = set(_field(listing, "flags").split())
    found = next((name for flag, name in _SETS if flag in flags), platform.machine())
    limit = next((value for name in _LIMITS if (value := os.environ.get(name))), None)
    return f"{found}, restricted to {limit}" if limit else found


def _field(listing: Path, name: str) -> str:
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name), "")
