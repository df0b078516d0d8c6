"""Libraries that would talk between a stage's own lines."""

from __future__ import annotations

import logging
import warnings

from transformers.utils.logging import disable_progress_bar


def quiet_libraries() -> None:
    """Without transformers' bars of moments, a line each in a log, and what libraries announce to each other."""
    disable_progress_bar()
    warnings.simplefilter("ignore", FutureWarning)
    # bitsandbytes would say at each import that it has no faster kernels for a CPU.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
