"""The command line that stages share."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.params.schema import Params
from components.stages.command import run_stage

ROOT = Path(__file__).parents[2]


class Broken(Exception):
    """An error that a user can mend."""


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """In the project's folder, where params.yaml lies."""
    monkeypatch.chdir(ROOT)
    return monkeypatch


@pytest.mark.parametrize(("options", "done"), [([], "computed"), (["--plan"], "planned")])
def test_plan_takes_the_place_of_the_work(
    command_line: pytest.MonkeyPatch, options: list[str], done: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(word: str, params: Params) -> None:
        print(word, params.profile)

    command_line.setattr("sys.argv", ["stage", *options])
    run_stage("A stage.", lambda params: say("computed", params), plan=lambda params: say("planned", params))
    assert capsys.readouterr().out.startswith(f"{done} ")


def test_stage_without_a_plan_has_no_such_option(
    command_line: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line.setattr("sys.argv", ["stage", "--plan"])
    with pytest.raises(SystemExit):
        run_stage("A stage.", lambda params: None)
    assert "unrecognized arguments: --plan" in capsys.readouterr().err


def test_expected_errors_of_a_plan_are_their_message_alone(command_line: pytest.MonkeyPatch) -> None:
    def plan(params: Params) -> None:
        raise Broken("mend this")

    command_line.setattr("sys.argv", ["stage", "--plan"])
    with pytest.raises(SystemExit, match=r"^error: mend this$"):
        run_stage("A stage.", lambda params: None, expected=(Broken,), plan=plan)
