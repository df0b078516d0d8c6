"""Child processes: their output, their exit codes, and that none is left."""

import sys
import threading
import time
from pathlib import Path

import pytest

from flows.processes import Processes, Stopped
from tests.waiting import wait_until, wait_until_gone


def test_lines_come_while_the_command_runs(tmp_path: Path) -> None:
    times: list[float] = []
    lines: list[str] = []

    def on_line(line: str) -> None:
        lines.append(line)
        times.append(time.monotonic())

    script = "import time; print('한글'); time.sleep(1); print('10%\\r20%\\r100%'); raise SystemExit(7)"
    code = Processes(tmp_path).run([sys.executable, "-c", script], on_line)

    assert code == 7
    assert lines == ["한글", "100%"]
    assert times[1] - times[0] > 0.5


def test_a_command_ended_by_a_signal_has_the_shells_exit_code(tmp_path: Path) -> None:
    assert Processes(tmp_path).run(["sh", "-c", "kill -9 $$"], print) == 137


def test_what_a_command_forgot_is_ended_with_it(tmp_path: Path) -> None:
    lines: list[str] = []
    assert Processes(tmp_path).run(["sh", "-c", "sleep 3600 & echo $!"], lines.append) == 0
    wait_until_gone(int(lines[0]))


def test_stop_ends_a_running_command_and_refuses_the_next(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    lines: list[str] = []
    codes: list[int] = []
    command = ["sh", "-c", "sleep 3600 & echo $!; wait"]
    thread = threading.Thread(target=lambda: codes.append(processes.run(command, lines.append)))
    thread.start()
    wait_until(lambda: bool(lines), "the command's first line")

    processes.stop()
    thread.join(timeout=600)

    assert codes == [143]
    wait_until_gone(int(lines[0]))
    with pytest.raises(Stopped):
        processes.run(["true"], print)


def test_a_failing_reader_ends_the_command(tmp_path: Path) -> None:
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.append(int(line))
        raise OSError("nobody reads this")

    with pytest.raises(OSError, match="nobody"):
        Processes(tmp_path).run(["sh", "-c", "echo $$; sleep 3600"], on_line)
    wait_until_gone(pids[0])
