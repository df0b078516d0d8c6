"""Programs that answer requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from components.export.speed.program import Program, SubjectFailed

TALKER = "tests.export.speed.talker"


@pytest.fixture
def program() -> Iterator[Program]:
    with Program(TALKER, []) as running:
        yield running


def test_answers_are_told_from_what_libraries_print(program: Program) -> None:
    assert program.load_seconds >= 0
    assert program.ask({"value": 4}) == {"doubled": 8}
    assert program.ask({"value": "값"}) == {"doubled": "값값"}


def test_peak_memory_is_the_most_that_was_held_ever(program: Program) -> None:
    before = program.peak_mb()
    assert program.ask({"allocate": 100_000_000}) == {"held": 100_000_000}
    assert program.peak_mb() > before + 80


def test_a_program_that_ends_while_it_loads_says_why() -> None:
    with pytest.raises(SubjectFailed, match=r"talker fails ended \(exit code 1\):\n(?s:.*)no weights here"):
        Program(TALKER, ["fails"])


def test_a_program_that_ends_at_a_request_says_why(program: Program) -> None:
    with pytest.raises(SubjectFailed, match="KeyError: 'value'"):
        program.ask({"unknown": 1})
    with pytest.raises(SubjectFailed, match="KeyError: 'value'"):  # and again, whoever asks
        program.ask({"value": 1})


def test_the_program_ends_with_the_block() -> None:
    with Program(TALKER, []) as running:
        pass
    with pytest.raises((SubjectFailed, ValueError)):
        running.ask({"value": 1})
