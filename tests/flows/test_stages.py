"""Reading the order from dvc.yaml."""

from pathlib import Path

import pytest

from flows.stages import PipelineError, read_stages
from tests.flows.conftest import MakeProject

# Written in no useful order, with a template and a file that `dvc add` would track.
DVC_YAML = """
vars: [{words: [one, two]}]
stages:
  last:
    cmd: cat one.txt two.txt > last.txt
    deps: [one.txt, two.txt]
    outs: [last.txt]
  word:
    foreach: ${words}
    do:
      cmd: cp first.txt ${item}.txt
      deps: [first.txt]
      outs: ["${item}.txt"]
  first:
    cmd: cp raw.txt first.txt
    deps: [raw.txt]
    outs: [first.txt]
"""

RAW_DVC = "outs:\n- md5: 5d41402abc4b2a76b9719d911017c592\n  size: 5\n  hash: md5\n  path: raw.txt\n"


def test_stages_come_after_what_they_need(make_project: MakeProject) -> None:
    root = make_project(DVC_YAML)
    (root / "raw.txt.dvc").write_text(RAW_DVC, encoding="utf-8")

    stages = read_stages(root)

    assert {stage.name: set(stage.needs) for stage in stages} == {
        "first": set(),
        "word@one": {"first"},
        "word@two": {"first"},
        "last": {"word@one", "word@two"},
    }
    names = [stage.name for stage in stages]
    assert names[0] == "first"
    assert names[-1] == "last"


def test_a_folder_without_a_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"no \.dvc.*dvc init"):
        read_stages(tmp_path)


@pytest.mark.parametrize(
    ("dvc_yaml", "message"),
    [
        ("stages: {}\n", "no stage with a command"),
        ("stages:\n  a:\n    commands: true\n", "cannot read the pipeline"),
        (
            "stages:\n  a: {cmd: x, deps: [b], outs: [a]}\n  b: {cmd: x, deps: [a], outs: [b]}\n",
            "cannot read the pipeline",
        ),
    ],
    ids=["empty", "unreadable", "cyclic"],
)
def test_a_pipeline_that_cannot_run_is_refused(make_project: MakeProject, dvc_yaml: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        read_stages(make_project(dvc_yaml))
