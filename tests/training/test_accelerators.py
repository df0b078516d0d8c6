"""GPUs by name."""

from __future__ import annotations

from typing import get_args

import pytest

from components.params.schema import GpuName
from components.training.accelerators import ACCELERATORS, find_accelerator


def test_every_name_that_params_may_give_is_known() -> None:
    assert tuple(ACCELERATORS) == get_args(GpuName)


def test_devices_belong_to_one_gpu_each() -> None:
    devices = [device for gpu in ACCELERATORS.values() for device in gpu.devices]
    assert len(devices) == len(set(devices))


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("NVIDIA A100-SXM4-40GB", "A100-40GB"),
        ("NVIDIA A100 80GB PCIe", "A100-80GB"),
        ("NVIDIA H100 80GB HBM3", "H100-SXM"),
        ("NVIDIA L4", "L4"),
    ],
)
def test_device_is_found(device: str, name: GpuName) -> None:
    assert find_accelerator(device) == ACCELERATORS[name]


@pytest.mark.parametrize(
    "device",
    ["NVIDIA A100-SXM4-80GB MIG 1g.10gb", "NVIDIA GeForce RTX 3090 Ti", "NVIDIA L40", "NVIDIA A10G", "Tesla T4"],
)
def test_siblings_and_parts_are_not_taken_for_it(device: str) -> None:
    assert find_accelerator(device) is None
