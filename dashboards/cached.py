"""The readers behind Streamlit's cache.

A file is keyed by its name and stamp (modification time and size, or its hash in DVC), so a live run is
never shown stale. Errors are not cached.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.records import card, comparison, curves, differences, examples, export, files, scores
from dashboards.records import runs as run_records
from dashboards.records.files import Record

# (root, revision, stage) -> log
CurveReader = Callable[[Path, str, str], pd.DataFrame]
_BY_CONTENT: dict[str | type, Any] = {Record: lambda record: (record.name, record.stamp)}


def runs(root: Path, commits: int) -> list[run_records.Run]:
    """All runs; listed anew when the repository's refs, parameters or metrics changed."""
    return _runs(root, commits, run_records.state_stamp(root))


@st.cache_data(max_entries=8, show_spinner=False)
def _runs(root: Path, commits: int, stamp: str) -> list[run_records.Run]:
    return run_records.show_runs(root, commits)


def run_scores(root: Path, revision: str) -> scores.Scores:
    """The scores of a run."""
    return _scores(files.find(root, revision, scores.PATH))


def comparisons(root: Path, revision: str) -> comparison.Comparisons:
    """The paired comparisons of a run."""
    return _comparisons(files.find(root, revision, comparison.PATH))


def changes(root: Path, revision: str, first: str, second: str) -> dict[comparison.Line, differences.Change]:
    """What a run's metrics say of the difference between two models, by benchmark and metric."""
    return _changes(files.find(root, revision, differences.METRICS), first, second)


def training(root: Path, revision: str, stage: str) -> pd.DataFrame:
    """A stage's training log."""
    return _training(files.find(root, revision, curves.training_path(stage)))


def validation(root: Path, revision: str, stage: str) -> pd.DataFrame:
    """A stage's validation log."""
    return _validation(files.find(root, revision, curves.validation_path(stage)))


def items(root: Path, revision: str, benchmark: str) -> pd.DataFrame:
    """A benchmark's items without pictures."""
    return _items(files.find(root, revision, examples.benchmark_path(benchmark)))


def images(root: Path, revision: str, benchmark: str, item_ids: tuple[str, ...]) -> dict[str, bytes]:
    """The pictures of some items."""
    return _images(files.find(root, revision, examples.benchmark_path(benchmark)), item_ids)


def predictions(root: Path, revision: str, subject: str, benchmark: str) -> pd.DataFrame:
    """A subject's answers to a benchmark."""
    return _predictions(files.find(root, revision, examples.prediction_path(subject, benchmark)))


def data_card(root: Path, revision: str) -> card.DataCard:
    """The data card."""
    return _card(files.find(root, revision, card.CARD))


def rejects(root: Path, revision: str) -> pd.DataFrame:
    """Refused samples."""
    return _rejects(files.find(root, revision, card.REJECTS))


def export_report(root: Path, revision: str) -> export.ExportReport:
    """The export's report."""
    return _export(files.find(root, revision, export.PATH))


_scores = st.cache_data(max_entries=32, show_spinner=False, hash_funcs=_BY_CONTENT)(scores.read_scores)
_comparisons = st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_CONTENT)(comparison.read_comparisons)
_changes = st.cache_data(max_entries=32, show_spinner=False, hash_funcs=_BY_CONTENT)(differences.read_changes)
_training = st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_BY_CONTENT)(curves.read_training)
_validation = st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_BY_CONTENT)(curves.read_validation)
_items = st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_CONTENT)(examples.read_items)
_images = st.cache_data(max_entries=64, show_spinner=False, hash_funcs=_BY_CONTENT)(examples.read_images)
_predictions = st.cache_data(max_entries=32, show_spinner=False, hash_funcs=_BY_CONTENT)(examples.read_predictions)
_card = st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_CONTENT)(card.read_card)
_rejects = st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_CONTENT)(card.read_rejects)
_export = st.cache_data(max_entries=16, show_spinner=False, hash_funcs=_BY_CONTENT)(export.read_export)
