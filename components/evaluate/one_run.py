"""One run of the evaluation: it may be cut short and go on, and is over when all is scored."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.files.atomic import write_text

_log = logging.getLogger(__name__)


@contextmanager
def one_run(scratch: Path) -> Iterator[str]:
    """The name of the run that was cut short, else of a new one; it is forgotten if the block ends well.

    Answers of what somebody serves belong to it (models.endpoints): what answers there next time, nobody knows.
    """
    file = scratch / "run"
    name = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
    if name:
        _log.info("going on with the run that was cut short; remove %s to begin a new one", file)
    else:
        name = uuid.uuid4().hex
        write_text(file, name)
    yield name
    file.unlink(missing_ok=True)
