"""Asking the exported bundle. The only place that loads a model, and only when somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from dashboards.records.problem import RecordError

BUNDLE = "artifacts/export/bundle"


def bundle_stamp(root: Path) -> str:
    """Changes when the bundle was made anew; RecordError where there is none."""
    names = sorted(path for path in (root / BUNDLE).rglob("*") if path.is_file())
    if not names:
        raise RecordError("missing", BUNDLE)
    return "\n".join(f"{path}:{path.stat().st_mtime_ns}" for path in names)


def ask(root: Path, question: str, picture: Image.Image | None, max_new_tokens: int) -> Iterator[str]:
    """The answer, piece by piece; RecordError where the bundle cannot be used."""
    try:
        from components.export.runtime import BundleError
    except ImportError as error:
        raise RecordError("tool", BUNDLE, str(error), "make setup") from error
    try:
        bundle, lock = _load(root, bundle_stamp(root))
        with lock:  # a bundle holds the state of one conversation
            yield from bundle.stream(question, picture, max_new_tokens=max_new_tokens)
    except BundleError as error:
        raise RecordError("damaged", BUNDLE, str(error)) from error


@st.cache_resource(max_entries=1, show_spinner=False)
def _load(root: Path, stamp: str) -> tuple[Any, threading.Lock]:
    from components.export.runtime import Bundle

    return Bundle.load(root / BUNDLE), threading.Lock()
