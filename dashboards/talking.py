"""Asking an exported bundle or a server. The only place that loads a model, and only when somebody asks."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from dashboards.records.export import PATH, read_export
from dashboards.records.files import WORKSPACE, find
from dashboards.records.problem import RecordError

BUNDLES = "artifacts/export/bundles"
KEY = "TRY_IT_API_KEY"
"""Environment variable with the key of a server that asks for one."""


def bundle_names(root: Path) -> list[str]:
    """Bundles that were exported, in the report's order; RecordError where there is none."""
    names = sorted(path.name for path in (root / BUNDLES).glob("*") if path.is_dir() and path.name[0] != ".")
    if not names:
        raise RecordError("missing", BUNDLES)
    try:
        reported = list(read_export(find(root, WORKSPACE, PATH)).bundles["name"])
    except RecordError:
        reported = []
    return [name for name in reported if name in names] + [name for name in names if name not in reported]


def ask(root: Path, bundle: str, question: str, picture: Image.Image | None, max_new_tokens: int) -> Iterator[str]:
    """The answer, piece by piece; RecordError where the bundle cannot be used."""
    folder = f"{BUNDLES}/{bundle}"
    try:
        from components.bundles.conversation import Turn
        from components.bundles.manifest import BundleError
    except ImportError as error:
        raise RecordError("tool", folder, str(error), "make setup") from error
    try:
        runtime, lock = _load(root / folder, _stamp(root / folder))
        with lock:  # a bundle holds the state of one conversation
            yield from runtime.stream([Turn("user", question)], picture, max_new_tokens)
    except BundleError as error:
        raise RecordError("damaged", folder, str(error)) from error


def ask_server(address: str, question: str, picture: Image.Image | None, max_new_tokens: int) -> Iterator[str]:
    """The answer of the first model of an OpenAI-compatible server, piece by piece; RecordError where none comes."""
    from components.bundles.conversation import Turn
    from components.bundles.endpoint import Endpoint, EndpointError

    try:
        endpoint = Endpoint(address, key=os.environ.get(KEY, ""))
        yield from endpoint.stream([Turn("user", question)], picture, max_new_tokens)
    except EndpointError as error:
        raise RecordError("server", address, str(error)) from error


def _stamp(folder: Path) -> str:
    """Changes when the bundle was made anew."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "\n".join(f"{path}:{path.stat().st_mtime_ns}" for path in files)


@st.cache_resource(max_entries=1, show_spinner=False)
def _load(folder: Path, stamp: str) -> tuple[Any, threading.Lock]:
    from components.bundles.runtime import open_bundle

    return open_bundle(folder), threading.Lock()
