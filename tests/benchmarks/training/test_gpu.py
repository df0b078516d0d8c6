"""The GPU benchmark's command line."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_device_it_says_so() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks.training.gpu"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "no CUDA device here" in done.stderr
