"""How fast this machine reads memory: the limit of decoding, which reads all weights for each token."""

from __future__ import annotations

import time
from statistics import median

import torch

_BYTES = 256 * 2**20
"""Far more than any cache holds."""
_READS = 3


class Bandwidth:
    """Reads a large array again and again while others are timed: on a shared host the bandwidth changes in seconds."""

    def __init__(self, threads: int) -> None:
        self._array, self._threads = torch.ones(_BYTES // 4), threads
        self._seen: list[float] = []

    def sample(self) -> None:
        """Read the array a few times; the best counts, as the others were disturbed."""
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            self._seen.append(_BYTES / min(self._seconds() for _ in range(_READS)))
        finally:
            torch.set_num_threads(before)

    def median(self) -> float:
        """Bytes a second, of all samples so far."""
        return median(self._seen)

    def _seconds(self) -> float:
        start = time.perf_counter()
        self._array.sum()
        return time.perf_counter() - start
