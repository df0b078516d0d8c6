"""How fast this machine reads memory: the limit of decoding, which reads all weights for each token."""

from __future__ import annotations

import time

import torch

_BYTES = 512 * 2**20
"""Far more than any cache holds."""
_ROUNDS = 5


def read_bandwidth(threads: int) -> float:
    """Bytes a second, the best of some rounds over a large array."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    array = torch.ones(_BYTES // 4)
    try:
        return _BYTES / min(_seconds(array) for _ in range(_ROUNDS))
    finally:
        torch.set_num_threads(before)


def _seconds(array: torch.Tensor) -> float:
    start = time.perf_counter()
    array.sum()
    return time.perf_counter() - start
