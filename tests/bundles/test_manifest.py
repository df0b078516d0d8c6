"""Bundles that are not whole are refused, and the message names the file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.bundles.manifest import (
    MANIFEST,
    BundleError,
    Manifest,
    check_bundle,
    files_of,
    read_manifest,
    write_manifest,
)
from components.bundles.openvino import names
from components.bundles.runtime import open_bundle


@pytest.fixture(scope="module")
def whole(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose files tests damage and put back."""
    return Path(shutil.copytree(bundle_folder, tmp_path_factory.mktemp("copies") / "bundle"))


@contextmanager
def content(path: Path, damaged: bytes | None) -> Iterator[None]:
    """Another content for a while; None: the file is missing."""
    before = path.read_bytes()
    try:
        path.unlink() if damaged is None else path.write_bytes(damaged)
        yield
    finally:
        path.write_bytes(before)


def file_names(folder: Path) -> list[str]:
    """Of the files that a manifest lists."""
    return sorted(read_manifest(folder).files)


def refusal(folder: Path) -> str:
    """Why a bundle is refused, by the check and by who opens it."""
    with pytest.raises(BundleError) as checked:
        check_bundle(folder)
    with pytest.raises(BundleError) as opened:
        open_bundle(folder, 1)
    assert str(opened.value) == str(checked.value)
    return str(checked.value)


def test_whole_bundle_passes(whole: Path) -> None:
    manifest = check_bundle(whole)
    assert set(manifest.files) == {path.name for path in whole.iterdir()} - {MANIFEST}
    assert manifest.size_mb == pytest.approx(sum(p.stat().st_size for p in whole.iterdir() if p.name != MANIFEST) / 1e6)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_one_changed_bit_is_found(whole: Path, data: st.DataObject) -> None:
    path = whole / data.draw(st.sampled_from(file_names(whole)))
    changed = bytearray(path.read_bytes())
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with content(path, bytes(changed)):
        assert f"{path} is damaged (its content" in refusal(whole)
    check_bundle(whole)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_half_written_file_is_found(whole: Path, data: st.DataObject) -> None:
    path = whole / data.draw(st.sampled_from(file_names(whole)))
    before = path.read_bytes()
    length = data.draw(st.integers(0, len(before) - 1))
    with content(path, before[:length]):
        assert f"{path} is damaged (it has {length} bytes, not {len(before)})" in refusal(whole)


def test_missing_file_is_named(whole: Path) -> None:
    for name in file_names(whole):
        with content(whole / name, None):
            assert f"{whole / name} is missing" in refusal(whole)


@pytest.mark.parametrize("name", ["extra.bin", "more/openvino_language_model.xml", ".hidden"])
def test_foreign_file_is_named(whole: Path, name: str) -> None:
    path = whole / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    try:
        assert f"{path} is not of this bundle" in refusal(whole)
    finally:
        path.unlink()
        if path.parent != whole:
            path.parent.rmdir()


def test_swapped_files_are_found(whole: Path) -> None:
    first, second = whole / names.LANGUAGE_MODEL, whole / names.IMAGE_ENCODER
    with content(first, second.read_bytes()):
        assert f"{first} is damaged" in refusal(whole)


@pytest.mark.parametrize("damaged", [b"", b"{", b"{}", b"[]", b"\xff", b'{"name": 1}'])
def test_damaged_manifest_is_named(whole: Path, damaged: bytes) -> None:
    with content(whole / MANIFEST, damaged):
        assert f"{whole / MANIFEST} is damaged" in refusal(whole)


@pytest.mark.parametrize(
    ("key", "value"), [("format", "onnx"), ("files", {"config.json": {"bytes": "?", "sha256": ""}}), ("extra", 1)]
)
def test_field_that_does_not_fit_is_named(whole: Path, key: str, value: object) -> None:
    changed = json.loads((whole / MANIFEST).read_text(encoding="utf-8")) | {key: value}
    with content(whole / MANIFEST, json.dumps(changed).encode()):
        assert key in refusal(whole)


def test_missing_bundle_brings_the_command(tmp_path: Path) -> None:
    assert "dvc repro export" in refusal(tmp_path / "nothing")
    assert "dvc repro export" in refusal(tmp_path)


def test_manifest_keeps_what_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"abc")
    told = Manifest(
        name="작은-모델",
        format="gguf",
        weights="Q4_K_M",
        files=files_of(tmp_path),
        source={"git": None, "versions": {"torch": "2"}},
        licences={"name": "HyperCLOVA X 모델"},
        quality={"kl_mean": 0.25},
        speed={"rows": [{"name": "작은-모델"}]},
    )
    write_manifest(tmp_path, told)
    assert check_bundle(tmp_path) == told
