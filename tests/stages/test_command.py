"""The command line that stages share."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.params.schema import Params
from components.stages.command import Instead, make_parser, run_command, run_stage
from components.stages.errors import Missing, UserError

ROOT = Path(__file__).parents[2]
STAGES = ("backbones", "ingest", "pretrain", "finetune", "evaluate", "export")
FRAME = ROOT / "components/stages/command.py"


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """In the project's folder, where params.yaml lies."""
    monkeypatch.chdir(ROOT)
    return monkeypatch


def raising(error: BaseException) -> object:
    raise error


@pytest.mark.parametrize(("options", "done"), [([], "computed"), (["--plan"], "planned")])
def test_an_option_takes_the_place_of_the_work(
    command_line: pytest.MonkeyPatch, options: list[str], done: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(word: str, params: Params) -> None:
        print(word, params.profile)

    command_line.setattr("sys.argv", ["stage", *options])
    plan = Instead("--plan", "say what", lambda params: say("planned", params))
    run_stage("a.stage", "A stage.", lambda params: say("computed", params), plan)
    assert capsys.readouterr().out.startswith(f"{done} ")


def test_a_stage_without_such_an_option_has_none(
    command_line: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command_line.setattr("sys.argv", ["stage", "--plan"])
    with pytest.raises(SystemExit):
        run_stage("a.stage", "A stage.", lambda params: None)
    assert "unrecognized arguments: --plan" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [UserError, Missing])
def test_what_a_user_can_mend_is_its_message_alone(
    command_line: pytest.MonkeyPatch, kind: type[UserError], capsys: pytest.CaptureFixture[str]
) -> None:
    command_line.setattr("sys.argv", ["stage"])
    with pytest.raises(SystemExit, match=r"^1$"):
        run_stage("a.stage", "A stage.", lambda params: raising(kind("mend this")))
    assert capsys.readouterr().err == "error: mend this\n"
    command_line.setattr("sys.argv", ["stage", "--params", "nowhere.yaml"])
    with pytest.raises(SystemExit, match=r"^1$"):
        run_stage("a.stage", "A stage.", lambda params: None)
    assert capsys.readouterr().err.startswith("error: nowhere.yaml not found")


def test_a_command_gives_what_it_found_or_ends_with_its_own_status() -> None:
    assert run_command(lambda: 7) == 7
    with pytest.raises(SystemExit, match=r"^2$"):
        run_command(lambda: raising(UserError("mend this")), status=2)


@pytest.mark.parametrize("kind", [FileNotFoundError, ValueError, RuntimeError, KeyError])
def test_any_other_error_shows_where_it_came_from(command_line: pytest.MonkeyPatch, kind: type[Exception]) -> None:
    command_line.setattr("sys.argv", ["stage"])
    with pytest.raises(kind):
        run_stage("a.stage", "A stage.", lambda params: raising(kind("a fault of the program")))


def test_errors_of_rays_workers_are_told_like_others(capsys: pytest.CaptureFixture[str]) -> None:
    exceptions = pytest.importorskip("ray.exceptions")
    wrapped = exceptions.RayTaskError("work", "a long trace", Missing("mend this")).as_instanceof_cause()
    with pytest.raises(SystemExit):
        run_command(lambda: raising(wrapped))
    assert capsys.readouterr().err == "error: mend this\n"
    broken = exceptions.RayTaskError("work", "a long trace", ValueError("a fault")).as_instanceof_cause()
    with pytest.raises(ValueError):
        run_command(lambda: raising(broken))


def test_a_fault_of_the_program_is_not_hidden_by_its_cause() -> None:
    def work() -> None:
        try:
            raise Missing("a file")
        except Missing as error:
            raise RuntimeError("should not have been asked for") from error

    with pytest.raises(RuntimeError):
        run_command(work)


def test_commands_beside_the_stages_have_the_same_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_parser("components.x", "One line.\n\n  another, as it stands").parse_args(["--help"])
    assert capsys.readouterr().out.startswith("usage: python -m components.x [-h]\n\nOne line.\n\n  another, as it")


IN_A_PROCESS = """
import json, logging, sys
from components.stages.command import run_command
def work():
    logging.getLogger("components.some.module").info("a line of ours")
    logging.getLogger("some.library").info("theirs")
    logging.getLogger("some.library").warning("a warning")
run_command(work)
"""


def test_lines_of_log_have_one_form() -> None:
    done = subprocess.run([sys.executable, "-c", IN_A_PROCESS], cwd=ROOT, capture_output=True, text=True, check=True)
    times, lines = zip(*(line.split(" ", 1) for line in done.stderr.splitlines()), strict=True)
    assert lines == ("a line of ours", "a warning")
    assert all(len(time) == len("12:34:56") and time.count(":") == 2 for time in times)


HELP = """
import contextlib, io, json, runpy, sys
told = {}
for stage in sys.argv[1:]:
    sys.argv = [stage, "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        runpy.run_module(f"components.{stage}", run_name="__main__", alter_sys=True)
    told[stage] = out.getvalue()
print(json.dumps([told, sorted(sys.modules)]))
"""


def test_every_stage_helps_at_once() -> None:
    """Without the libraries that take seconds to import, which is what can be counted anywhere."""
    done = subprocess.run([sys.executable, "-c", HELP, *STAGES], cwd=ROOT, capture_output=True, text=True, check=True)
    told, modules = json.loads(done.stdout)
    for stage in STAGES:
        assert told[stage].startswith(f"usage: python -m components.{stage} [-h] [--params PARAMS]")
        assert "\n\nReads params.yaml (section" in told[stage]
    assert not {"torch", "ray", "transformers", "pyarrow", "pandas", "numpy", "openvino"} & set(modules)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "components").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_nothing_else_ends_a_command_or_builds_its_line() -> None:
    for path, tree in modules():
        if path == FRAME:
            continue
        names = {node.attr if isinstance(node, ast.Attribute) else node.id for node in ast.walk(tree)
                 if isinstance(node, ast.Attribute | ast.Name)}  # fmt: skip
        assert not names & {"SystemExit", "ArgumentParser", "basicConfig"}, path
        exits = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not {call for call in exits if call.startswith("sys.exit(")} - {"sys.exit(main())"}, path


def test_errors_with_a_name_of_their_own_are_users_or_named_here() -> None:
    """Whoever adds a class of errors decides whether a user can mend it."""
    programs = {
        "WrongConnector",  # saved beside weights, where this project is not; UnfitConnector is what users see
        "BadRow", "FileProblem", "UnusableImage",  # of a row: noted among the refused
        "BrokenOff",  # of a transfer: tried again
        "BadRequest",  # answered to whoever asked
        "SubjectFailed",  # of a program that is measured, with its last lines
    }  # fmt: skip
    bases: dict[str, set[str]] = {"Exception": set()}
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(ast.unparse(base).split(".")[-1] for base in node.bases)

    def above(name: str) -> set[str]:
        return {name}.union(*(above(base) for base in bases.get(name, set()) if base != name))

    errors = {name for name in bases if any(one.endswith(("Error", "Exception")) for one in above(name) - {name})}
    assert {name for name in errors if "UserError" not in above(name)} == programs
    assert {"ParamsError", "ModelError", "TrainingStopped", "NoShards", "NotInstalled", "SourceError"} <= errors
