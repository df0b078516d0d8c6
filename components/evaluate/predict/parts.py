"""Answers as they come: small files in one folder, from which a run that was cut short goes on."""

from __future__ import annotations

import logging
import os
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ANSWERS = pa.schema(
    [
        ("key", pa.string()),
        ("response", pa.string()),
        ("seconds", pa.float64()),
        ("tokens", pa.int64()),
    ]
)
"""``key`` is the digest of the prompt and the picture: the same question is asked once, whichever benchmark asks it."""
_log = logging.getLogger(__name__)


class Parts:
    """The answers of one model that were decoded in one way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, answers: pa.Table) -> None:
        """Store some answers, whole or not at all."""
        name = uuid.uuid4().hex
        part = self.folder / f"{name}.part"
        pq.write_table(answers.select(ANSWERS.names).cast(ANSWERS), part)
        os.replace(part, self.folder / f"{name}.parquet")

    def read(self) -> pa.Table:
        """All answers so far, one a key. An unreadable file is set aside; its questions are asked again."""
        tables = [ANSWERS.empty_table()]
        for file in sorted(self.folder.glob("*.parquet")):
            try:
                tables.append(pq.read_table(file, schema=ANSWERS))
            except (pa.ArrowException, OSError) as error:
                aside = file.with_suffix(".damaged")
                os.replace(file, aside)
                _log.warning("%s cannot be read and is set aside as %s: %s", file, aside.name, error)
        joined = pa.concat_tables(tables).to_pandas().drop_duplicates("key")
        return pa.Table.from_pandas(joined, schema=ANSWERS, preserve_index=False)
