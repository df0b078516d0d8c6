"""Bundles as models: where they lie, and what identifies them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from components.bundles.manifest import Manifest, files_of, write_manifest
from components.evaluate.models.loading import load, prepare
from components.evaluate.models.spec import ModelError, ModelSpec
from components.params.evaluation import Baseline

COMMIT = "0" * 40


def written(folder: Path, weights: bytes = b"weights", **figures: float) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.bin").write_bytes(weights)
    write_manifest(
        folder, Manifest(name="x", format="openvino", weights="int8", files=files_of(folder), speed=dict(figures))
    )
    return folder


def spec(origin: str) -> ModelSpec:
    return ModelSpec("int8", origin, "bundle", "bundle", "cpu")


def test_a_bundle_is_known_by_its_files_and_not_by_its_figures(tmp_path: Path) -> None:
    places = [
        prepare(spec(f"folder:{written(tmp_path / name, **more)}"), tmp_path)  # type: ignore[arg-type]
        for name, more in (("a", {}), ("b", {"first_token_ms": 3.0}), ("c", {"weights": b"others"}))
    ]
    assert [place.folder.name for place in places] == ["a", "b", "c"]
    assert places[0].digest == places[1].digest != places[2].digest


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"folder:{tmp_path}, layout bundle: no bundle in .*manifest.json"):
        prepare(spec(f"folder:{tmp_path}"), tmp_path)
    with pytest.raises(ModelError, match=r"hub:a/b@0+ is not on this machine; write folder:<path>"):
        prepare(spec(f"hub:a/b@{COMMIT}"), tmp_path)


def test_torch_does_not_run_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="int8 is of layout bundle, which torch does not run"):
        load(spec(f"folder:{written(tmp_path / 'a')}"), tmp_path)


def test_parameters_name_it_in_one_way() -> None:
    given = {
        "name": "int8",
        "origin": "folder:artifacts/export/bundles/int8",
        "layout": "bundle",
        "precision": "bundle",
    }
    assert Baseline.model_validate(given).layout == "bundle"
    for wrong, message in (
        ({"precision": "int8"}, "write bundle for both or for none"),
        ({"layout": "llava"}, "write bundle for both or for none"),
        ({"origin": f"hub:a/b@{COMMIT}"}, "write folder:<path>"),
    ):
        with pytest.raises(ValidationError, match=message):
            Baseline.model_validate(given | wrong)
