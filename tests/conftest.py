"""In which order tests run: `make test` uses two processes. And that Ctrl-C can be tested everywhere."""

from __future__ import annotations

import os
import signal

import pytest

# Two processes test at once, and start others: with a thread for each core in each of them, threads would mostly wait.
# Read when torch is imported, in what tests start, too.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_configure() -> None:
    """A shell starts what it puts in the background with Ctrl-C ignored, and children inherit that: tests that stop a
    child by Ctrl-C would wait in vain."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow ones begin, so that neither process ends long before the other. Those of a file go together (xdist's
    loadfile), so that its fixtures are made once. Groups by mark are not heeded: pytest 9.2 hides them from xdist 3.8.
    """
    items.sort(key=lambda item: not _is_slow(item))


def _is_slow(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("slow", "nightly"))
