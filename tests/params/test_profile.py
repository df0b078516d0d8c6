"""Profiles laid over params.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.params.load import ParamsError, load_params
from components.params.profile import write_profile
from components.params.schema import HubBackbone

ROOT = Path(__file__).parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGER = f"""
profile: larger
backbones:
  language_model: {{origin: hub, repo: someone/model, revision: {COMMIT}}}
finetune:
  lora: {{rank: 64, targets: [q_proj]}}
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A copy of the project's params.yaml, with one more comment."""
    path = tmp_path / "params.yaml"
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("seed: 17", "seed: 17 # of everything random"), encoding="utf-8")
    return path


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    """A folder of profiles."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "larger.yaml").write_text(LARGER, encoding="utf-8")
    (folder / "broken.yaml").write_text("finetune: {lora: {rank: 0}, epochz: 3}", encoding="utf-8")
    return folder


def test_overrides_are_merged_and_comments_kept(target: Path, profiles: Path) -> None:
    before, comments = load_params(target), [s for s in target.read_text(encoding="utf-8").splitlines() if "#" in s]
    write_profile("larger", target, profiles)
    after = load_params(target)
    assert after.profile == "larger"
    assert after.finetune.lora.rank == 64
    assert after.finetune.lora.targets == ["q_proj"]
    assert isinstance(after.backbones.language_model, HubBackbone)
    untouched = ("model", "ingest", "pretrain", "evaluate", "export", "seed")
    assert all(getattr(after, key) == getattr(before, key) for key in untouched)
    assert after.finetune.lora.alpha == before.finetune.lora.alpha
    text = target.read_text(encoding="utf-8")
    assert all(line in text.splitlines() for line in comments)
    assert len(comments) >= 3
    assert "도형" in text


def test_writing_twice_changes_nothing_more(target: Path, profiles: Path) -> None:
    write_profile("larger", target, profiles)
    once = target.read_bytes()
    write_profile("larger", target, profiles)
    assert target.read_bytes() == once


def test_profile_that_breaks_the_schema_leaves_the_file_alone(target: Path, profiles: Path) -> None:
    before = target.read_bytes()
    with pytest.raises(ParamsError) as raised:
        write_profile("broken", target, profiles)
    assert "finetune.lora.rank: found 0" in str(raised.value)
    assert "finetune.epochz: unknown key; did you mean epochs?" in str(raised.value)
    assert str(profiles / "broken.yaml") in str(raised.value)
    assert target.read_bytes() == before
    assert sorted(p.name for p in target.parent.iterdir()) == ["params.yaml", "profiles"]


def test_files_that_are_no_parameters_are_named(target: Path, profiles: Path) -> None:
    (profiles / "empty.yaml").write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(ParamsError, match=r"empty\.yaml holds no keys"):
        write_profile("empty", target, profiles)
    target.write_text("seed: 17\n", encoding="utf-16")
    with pytest.raises(ParamsError, match=r"params\.yaml is not UTF-8"):
        write_profile("larger", target, profiles)


def test_unknown_profile_brings_the_known_ones(target: Path, profiles: Path) -> None:
    with pytest.raises(ParamsError, match=r"no profile 'huge': .*broken, larger"):
        write_profile("huge", target, profiles)
