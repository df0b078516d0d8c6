"""A bundle's card holds on processors whose arithmetic it was measured in."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.bundles.coverage import not_covered, warning
from components.bundles.manifest import Manifest
from components.bundles.processor import Arithmetic, instruction_set, processor_name


def manifest(*arithmetics: Arithmetic, **changed: str) -> Manifest:
    values = {"name": "int8", "format": "openvino", "weights": "int8", "files": {}, "arithmetics": list(arithmetics)}
    return Manifest.model_validate(values | changed)


def test_what_was_measured_is_covered() -> None:
    assert not_covered(manifest("exact", "saturating"), "saturating") is None


def test_what_was_not_measured_is_said() -> None:
    told = not_covered(manifest("exact"), "saturating") or ""
    assert "measured in exact arithmetic" in told and "multiplies bytes in saturating arithmetic" in told
    assert "does not say" in (not_covered(manifest(), "exact") or "")


@pytest.mark.parametrize("changed", [{"format": "gguf", "weights": "Q8_0"}, {"weights": "fp16"}])
def test_what_has_no_such_products_needs_no_measurement(changed: dict[str, str]) -> None:
    assert warning(manifest(**changed)) is None


def listing(folder: Path, flags: str) -> Path:
    path = folder / "cpuinfo"
    path.write_text(f"processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu {flags}\n\nprocessor\t: 1\n")
    return path


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ("sse4_1 avx2", "AVX2"),
        ("sse4_1 avx2 avx_vnni", "AVX-VNNI"),
        ("avx2 avx512f", "AVX-512"),
        ("avx2 avx512f avx512_vnni avx_vnni", "AVX-512 VNNI"),
    ],
)
def test_instruction_sets_by_the_systems_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, name: str
) -> None:
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA", raising=False)
    path = listing(tmp_path, flags)
    assert (processor_name(path), instruction_set(path)) == ("Some CPU @ 2 GHz", name)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert instruction_set(path) == f"{name}, restricted to AVX2"


def test_without_a_listing_the_architecture_is_named(tmp_path: Path) -> None:
    assert processor_name(tmp_path / "none")
    assert instruction_set(tmp_path / "none")
