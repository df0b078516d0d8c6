"""Endpoints on this machine, before a runtime that says what it is told to and before a real bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from components.bundles.openvino.pipeline import Pipeline
from components.bundles.serving.app import make_app
from tests.bundles.said import Said
from tests.bundles.served import served

CREATED = 1_700_000_000


@pytest.fixture
def serve_said() -> Iterator[Callable[[Said], str]]:
    """Begins to serve a runtime, as model ``said``, until the test ends."""
    with ExitStack() as stack:
        yield lambda said: stack.enter_context(served(make_app(said, "said", CREATED, max_new_tokens=40)))


@pytest.fixture(scope="module")
def bundle_server(bundle_folder: Path) -> Iterator[str]:
    """The address of a real bundle, as model ``fp16``."""
    with served(make_app(Pipeline(bundle_folder, 1), "fp16", CREATED, max_new_tokens=40)) as address:
        yield address
