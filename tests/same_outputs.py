"""Whether two runs of the pipeline have left the same, but for how long things took."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

FOLDERS = ("artifacts", "reports")
TIMES = {
    "first_token_ms", "samples_per_second", "seconds", "size_mb", "speed", "speedup", "tokens_per_second", "waiting",
}  # fmt: skip
"""Keys of JSON objects and columns of tables. A bundle's size is that of its card, too, where times stand."""
SPEED_FILE = "speed.json"
_CARDS = re.compile(r"README\.md|report(\.ko)?\.md")
"""Files with figures of speed among others."""
_SPEED_SECTION = re.compile(r"^## (?:Speed|Latency|속도)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_TIMED = r"README\.md|reports/\w+/(?:loss\.csv|metrics\.json)|artifacts/evaluate(?:/predictions)?"
"""What holds times, so that its digest says nothing; in JSON by key, in a card's table by row."""
_TIMED_ROW = re.compile(rf"^\| (?:{_TIMED}) \|.*\n", re.MULTILINE)


def differences(first: Path, second: Path) -> list[str]:
    """The files of two projects' outputs that are not the same, or are in one alone."""
    mine, others = _files(first), _files(second)
    alone = sorted(mine ^ others)
    return alone + [name for name in sorted(mine & others) if _content(first / name) != _content(second / name)]


def _files(project: Path) -> set[str]:
    found = [path for folder in FOLDERS for path in (project / folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(project)) for path in found if path.name != SPEED_FILE}


def _content(path: Path) -> Any:
    """What has to be the same in both."""
    if path.suffix == ".json":
        return _timeless(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".csv":
        return _columns(pd.read_csv(path)).to_csv()
    if path.suffix == ".parquet" and "predictions" in path.parts:
        return _columns(pq.read_table(path).to_pandas()).to_json()
    if _CARDS.fullmatch(path.name):
        return _TIMED_ROW.sub("", _SPEED_SECTION.sub("", path.read_text(encoding="utf-8")))
    return path.read_bytes()


def _columns(table: pd.DataFrame) -> pd.DataFrame:
    timeless = table.drop(columns=list(TIMES & set(table.columns)))
    return timeless[timeless["benchmark"] != "speed"] if "benchmark" in timeless else timeless


def _timeless(value: Any) -> Any:
    """Without times, and without digests of what holds times."""
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if key not in TIMES and not re.fullmatch(_TIMED, key)}
        return {key: _timeless(inner) for key, inner in kept.items()}
    if isinstance(value, list):
        return [_timeless(one) for one in value if not (isinstance(one, dict) and one.get("benchmark") == "speed")]
    return value
