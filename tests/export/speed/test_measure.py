"""The report, on a bundle and the model that it was made from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from components.bundles.manifest import Manifest, files_of, write_manifest
from components.export.speed.measure import compare_speed
from components.export.speed.process import Process
from components.export.speed.weights import bytes_per_token
from components.model.loading import save_model
from components.params.export import Speed
from tests.export.conftest import Pair

TOKENS = 24
PROMPTS = [("그림에 무엇이 있나요?", Image.new("RGB", (90, 60), "red")), ("몇 개인가요?", Image.new("RGB", (40, 80)))]


@pytest.fixture(scope="module")
def eager_to_end(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, but every token ends an answer."""
    folder = tmp_path_factory.mktemp("eager") / "bundle"
    shutil.copytree(bundle_folder, folder)
    path = folder / "generation_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    vocabulary = json.loads((folder / "config.json").read_text(encoding="utf-8"))["text_config"]["vocab_size"]
    path.write_text(json.dumps(settings | {"eos_token_id": list(range(vocabulary))}), encoding="utf-8")
    write_manifest(folder, Manifest(name="fp16", format="openvino", weights="fp16", files=files_of(folder)))
    return folder


def test_answers_have_as_many_tokens_as_asked_for_wherever_they_would_end(eager_to_end: Path) -> None:
    with Process("openvino", eager_to_end, threads=1) as process:
        for question, picture in [PROMPTS[0], (PROMPTS[1][0], None)]:
            timing = process.answer(question, picture, TOKENS)
            assert timing.tokens == TOKENS
            assert 0 < timing.first < timing.first + timing.decode <= timing.total
            assert timing.characters > 0


def test_every_subject_has_a_row_with_pictures_and_one_without(eager_to_end: Path, pair: Pair, tmp_path: Path) -> None:
    save_model(*pair, tmp_path)
    settings = Speed(prompts=len(PROMPTS), new_tokens=TOKENS, rounds=2)
    found = compare_speed({"fp16": eager_to_end}, tmp_path, PROMPTS, settings)
    assert (found["rounds"], found["new_tokens"]) == (2, TOKENS)
    assert [(row["name"], row["with_image"]) for row in found["rows"]] == [
        ("fp16", True),
        ("transformers-bf16", True),
        ("fp16", False),
        ("transformers-bf16", False),
    ]
    weights = {"fp16": bytes_per_token("openvino", eager_to_end)}
    weights["transformers-bf16"] = bytes_per_token("transformers", tmp_path)
    for row in found["rows"]:
        assert 0 < row["first_token_ms"] <= row["first_token_ms_p95"]
        assert row["load_seconds"] > 0
        assert row["peak_mb"] > 50
        gigabytes = weights[row["name"]] * row["tokens_per_second"] / 1e9
        assert row["memory_share"] == pytest.approx(gigabytes / found["bandwidth_gb_s"])
    assert json.loads(json.dumps(found)) == found
