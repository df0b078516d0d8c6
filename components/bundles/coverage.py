"""Whether what a bundle's card says holds on the processor at hand."""

from __future__ import annotations

from components.bundles.manifest import Manifest
from components.bundles.processor import Arithmetic, instruction_set, processor_name


def warning(manifest: Manifest) -> str | None:
    """What whoever runs a bundle here should know first; None: it was measured in this processor's arithmetic.

    Of files for llama.cpp and of unquantised ones the card holds everywhere: they have no products of bytes, or none
    that leave sixteen bits.
    """
    if manifest.format == "gguf" or manifest.weights == "fp16":
        return None
    from components.bundles.openvino.arithmetic import own_arithmetic

    return not_covered(manifest, own_arithmetic())


def not_covered(manifest: Manifest, own: Arithmetic) -> str | None:
    """The same for a processor of a given arithmetic."""
    if own in manifest.arithmetics:
        return None
    measured = " and ".join(manifest.arithmetics)
    card = f"was measured in {measured} arithmetic" if measured else "does not say in which arithmetic it was measured"
    return (
        f"{manifest.name} {card}; this processor ({processor_name()}, {instruction_set()}) multiplies bytes in {own} "
        "arithmetic: answers may be worse here than the card says"
    )
