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
    """Slow tests take turns, as most of them use all cores. Beside them run the building of images, which mostly waits
    for disks and downloads, and quick tests, a folder at a time, so that its fixtures are made once."""
    for item in items:
        if item.path.name == "test_images.py":
            group = "images"
        else:
            group = "cores" if item.get_closest_marker("slow") else f"quick-{item.path.parent.name}"
        item.add_marker(pytest.mark.xdist_group(group))
