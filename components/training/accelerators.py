"""GPUs: how much they hold, and how fast they compute at most."""

from __future__ import annotations

from dataclasses import dataclass

from components.params.schema import GpuName


@dataclass(frozen=True)
class Accelerator:
    """A GPU of NVIDIA's.

    ``memory`` is in GiB (data sheets say GB). ``peak`` is in FLOPs a second, for dense matrices in bf16 with
    accumulation in fp32: half of what data sheets print beside "with sparsity". ``devices`` are the texts that CUDA
    gives as the device's name.
    """

    memory: int
    peak: float
    devices: tuple[str, ...]


ACCELERATORS: dict[GpuName, Accelerator] = {
    "A100-40GB": Accelerator(40, 312e12, ("NVIDIA A100-SXM4-40GB", "NVIDIA A100-PCIE-40GB")),
    "A100-80GB": Accelerator(80, 312e12, ("NVIDIA A100-SXM4-80GB", "NVIDIA A100 80GB PCIe")),
    "H100-SXM": Accelerator(80, 989.4e12, ("NVIDIA H100 80GB HBM3",)),
    "H100-PCIe": Accelerator(80, 756e12, ("NVIDIA H100 PCIe",)),
    "H200-SXM": Accelerator(141, 989.4e12, ("NVIDIA H200",)),
    "L4": Accelerator(24, 121e12, ("NVIDIA L4",)),
    "L40S": Accelerator(48, 362e12, ("NVIDIA L40S",)),
    "A10": Accelerator(24, 125e12, ("NVIDIA A10",)),
    "RTX-4090": Accelerator(24, 165.2e12, ("NVIDIA GeForce RTX 4090",)),
    "RTX-3090": Accelerator(24, 71e12, ("NVIDIA GeForce RTX 3090",)),
}
"""From NVIDIA's data sheets of each; for the two RTX from the white papers "NVIDIA Ada GPU architecture" and "NVIDIA
Ampere GA102 GPU architecture". GPUs without bf16 (T4, V100) are left out."""


def find_accelerator(device: str) -> Accelerator | None:
    """The GPU that ``torch.cuda.get_device_name()`` calls ``device``.

    None for every other, such as a share of a GPU (MIG), a laptop's or a Ti: a peak that is not known is better than
    that of a sibling.
    """
    return next((gpu for gpu in ACCELERATORS.values() if device in gpu.devices), None)
