"""Which tests may run beside which: `make test` uses two processes. And that Ctrl-C can be tested everywhere."""

from __future__ import annotations

import signal

import pytest


def pytest_configure() -> None:
    """A shell starts what it puts in the background with Ctrl-C ignored, and children inherit that: tests that stop a
    child by Ctrl-C would wait in vain."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building images waits for disks and downloads most of the time; everything else takes turns, as most of it uses
    all cores."""
    for item in items:
        group = "images" if item.path.name == "test_images.py" else "cores"
        item.add_marker(pytest.mark.xdist_group(group))
