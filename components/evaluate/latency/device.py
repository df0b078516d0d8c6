"""What timings were taken on, for people."""

from __future__ import annotations

import torch

from components.bundles.processor import processor_name


def device_name(device: str) -> str:
    """The GPU's name; or the processor's, with the threads used, where the system tells it (Linux)."""
    if device == "gpu":
        return torch.cuda.get_device_name()
    return f"{processor_name()}, CPU threads: {torch.get_num_threads()}"
