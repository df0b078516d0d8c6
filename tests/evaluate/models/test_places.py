"""Models of the hub, from a service here that speaks as much of the hub's language as the library needs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from components.evaluate.models.places import Place, configuration_files, locate, model_files
from components.evaluate.models.spec import FolderOrigin, HubOrigin, ModelError, parse_origin
from components.stages.keys import BadKey
from tests.ingest.origins.service import Answer, Asked, Service, running

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "README.md": b"# x",
    "config.json": b"{}",
    "chat_template.jinja": b"{{ }}",
    "preprocessor_config.json": b"{}",
    "model-00001-of-00001.safetensors": b"weights",
    "pytorch_model.bin": b"the same weights",
    "onnx/model.onnx": b"and again",
}
NEEDED = {"config.json", "chat_template.jinja", "preprocessor_config.json", "model-00001-of-00001.safetensors"}


def _answer(asked: Asked) -> Answer:
    """Model ``kim/ko`` is open, ``kim/gated`` is gated, and others are not there."""
    name = "/".join(re.sub("^/api/models", "", asked.path).split("?")[0].split("/")[1:3])
    if name == "kim/gated":
        return Answer(status=403, headers={"X-Error-Code": "GatedRepo"})
    if name != "kim/ko":
        return Answer(status=404, headers={"X-Error-Code": "RepoNotFound"})
    if COMMIT not in asked.path:
        return Answer(status=404, headers={"X-Error-Code": "RevisionNotFound"})
    return _of_open_model(asked)


def _of_open_model(asked: Asked) -> Answer:
    json_type = {"Content-Type": "application/json"}
    if "/tree/" in asked.path:
        return Answer(json.dumps([_entry(name) for name in FILES]).encode(), headers=json_type)
    if asked.path.startswith("/api/"):
        siblings = [{"rfilename": name} for name in FILES]
        return Answer(json.dumps({"id": "kim/ko", "sha": COMMIT, "siblings": siblings}).encode(), headers=json_type)
    content = next(content for name, content in FILES.items() if asked.path.endswith(f"/{name}"))
    headers = {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
    return Answer(content, headers=headers, ranges=True)


def _entry(name: str) -> dict[str, object]:
    return {"type": "file", "path": name, "size": len(FILES[name]), "oid": hashlib.sha1(FILES[name]).hexdigest()}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the library's."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    return tmp_path / "cache"


@pytest.fixture
def hub() -> Iterator[Service]:
    """The service."""
    with running(_answer) as service:
        yield service


def test_what_is_needed_is_fetched_once(hub: Service, tmp_path: Path) -> None:
    origin = parse_origin(f"hub:kim/ko@{COMMIT}")
    place = locate(origin, tmp_path / "scratch", model_files, hub.address)
    assert {file.name for file in place.folder.iterdir()} == NEEDED
    assert place.digest == COMMIT
    hub.asked.clear()
    assert locate(origin, tmp_path / "scratch", model_files, hub.address) == place
    assert not hub.asked


def test_configuration_alone_leaves_weights_out_and_does_not_pass_for_the_model(hub: Service, tmp_path: Path) -> None:
    origin = HubOrigin("kim/ko", COMMIT)
    place = locate(origin, tmp_path / "scratch", configuration_files, hub.address)
    assert {file.name for file in place.folder.iterdir()} == {"config.json", "preprocessor_config.json"}
    assert {
        file.name for file in locate(origin, tmp_path / "scratch", model_files, hub.address).folder.iterdir()
    } == NEEDED


@pytest.mark.parametrize(
    ("repo", "commit", "message"),
    [
        ("kim/none", COMMIT, "the hub knows no such model, or it is private"),
        ("kim/gated", COMMIT, "conditions have to be accepted at https://huggingface.co/kim/gated, and HF_TOKEN set"),
        ("kim/ko", "f" * 40, "no such commit: take one from https://huggingface.co/kim/ko/commits/main"),
    ],
)
def test_refusals_of_the_hub(hub: Service, tmp_path: Path, repo: str, commit: str, message: str) -> None:
    with pytest.raises(ModelError, match=f"hub:{repo}@{commit}: .*{message}") as caught:
        locate(HubOrigin(repo, commit), tmp_path, model_files, hub.address)
    assert "hf_secret" not in str(caught.value)


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The library tries for 20 seconds to reach a hub that does not answer; offline it gives up at once.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        ModelError, match=f"hub:kim/ko@{COMMIT}: it could not be downloaded .* give origin folder:<path>"
    ):
        locate(HubOrigin("kim/ko", COMMIT), tmp_path, model_files, "http://127.0.0.1:9")


def test_a_token_that_cannot_be_sent_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_비밀")
    with pytest.raises(BadKey, match="HF_TOKEN holds no key"):
        locate(HubOrigin("kim/ko", COMMIT), tmp_path, model_files, "http://127.0.0.1:9")


def test_pytorchs_weights_are_taken_where_there_are_no_others() -> None:
    names = ["config.json", "pytorch_model-00001-of-00002.bin", "pytorch_model.bin.index.json", "tf_model.h5"]
    assert set(model_files(names)) == set(names[:3])


def test_a_folder_is_known_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    first = locate(parse_origin(f"folder:{tmp_path}"), tmp_path / "scratch", model_files)
    (tmp_path / "model.safetensors").write_bytes(b"0")
    second = locate(FolderOrigin(tmp_path), tmp_path / "scratch", model_files)
    assert first.folder == second.folder == tmp_path
    assert first.digest != second.digest
    assert isinstance(first, Place)


@pytest.mark.parametrize("text", ["", "folder:", "hub:kim/ko", "hub:kim/ko@main", f"hub:ko@{COMMIT}", "demo:x", "/a"])
def test_origins_that_name_nothing_fixed(text: str) -> None:
    with pytest.raises(
        ModelError, match="write folder:<path>, hub:<owner>/<name>@<40 digits of a commit> or endpoint:"
    ):
        parse_origin(text)
