"""Which tests may run beside which: `make test` uses two processes."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Building images waits for disks and downloads most of the time; everything else takes turns, as most of it uses
    all cores."""
    for item in items:
        group = "images" if item.path.name == "test_images.py" else "cores"
        item.add_marker(pytest.mark.xdist_group(group))
