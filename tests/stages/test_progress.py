"""Lines that tell how far a loop has come."""

from __future__ import annotations

import pytest

from components.stages import progress
from components.stages.progress import Progress, duration


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(progress, "time", found)
    return found


def test_a_line_in_ten_seconds_and_one_at_the_end(clock: Clock) -> None:
    lines: list[str] = []
    told = Progress("finetune", "items answered", 1240, done=280, say=lines.append)
    for _ in range(960):
        clock.now += 0.0625
        told.add()
    assert lines[0] == "finetune: 440 of 1,240 items answered, 50 s left"
    assert lines[-1] == "finetune: 1,240 of 1,240 items answered, in 60 s"
    assert len(lines) == 6


def test_what_was_done_before_does_not_speed_it_up(clock: Clock) -> None:
    lines: list[str] = []
    told = Progress("a", "rows read", 1000, say=lines.append)
    told.skip(900)
    clock.now += 20
    assert told.add(20, ", 3 refused")
    assert lines == ["a: 920 of 1,000 rows read, 3 refused, 80 s left"]


def test_no_time_is_told_of_a_total_that_nobody_knows(clock: Clock) -> None:
    lines: list[str] = []
    told = Progress("a", "rows read", None, say=lines.append, tells_end=False)
    clock.now += 10
    told.add(500)
    told.total = 2000
    clock.now += 10
    told.add(500)
    assert lines == ["a: 500 rows read, 50 a second", "a: 1,000 of 2,000 rows read, 20 s left"]


def test_nothing_new_tells_no_time(clock: Clock) -> None:
    lines: list[str] = []
    told = Progress("judge", "judgements made", 8, say=lines.append)
    clock.now += 10
    told.add(0, ", 1 failed")
    assert lines == ["judge: 0 of 8 judgements made, 1 failed"]


@pytest.mark.parametrize(("seconds", "text"), [(3, "3 s"), (119, "119 s"), (600, "10 min"), (9000, "2.5 h")])
def test_durations_are_told_in_their_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text
