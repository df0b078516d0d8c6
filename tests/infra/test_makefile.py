"""`make help` lists the commands, and every command that it lists is there."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def make(*arguments: str) -> str:
    command = ["make", "--no-print-directory", *arguments]  # the tests may themselves run under make
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=600).stdout


def test_help_lists_the_commands() -> None:
    listed = [line.split()[1] for line in make("help").splitlines()]
    commands = {"setup", "demo", "flow", "dashboard", "backbones", "test", "test-all", "gguf", "lint", "clean"}
    assert commands <= set(listed)
    assert make() == make("help")


def test_every_listed_command_is_there() -> None:
    for line in make("help").splitlines():
        assert make("--dry-run", line.split()[1])
