"""What timings were taken on, for people."""

from __future__ import annotations

import platform
from pathlib import Path

import torch


def device_name(device: str) -> str:
    """The GPU's name; or the processor's, with the threads used, where the system tells it (Linux)."""
    if device == "gpu":
        return torch.cuda.get_device_name()
    return f"{_cpu_name()}, CPU threads: {torch.get_num_threads()}"


def _cpu_name() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
