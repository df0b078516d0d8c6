"""Libraries that would talk between a stage's own lines."""

from __future__ import annotations

import logging
import os
import sys
import warnings


def quiet_libraries() -> None:
    """Without transformers' bars of moments, a line each in a log, and what libraries announce to each other."""
    # Read as the libraries are imported, in processes that begin later, too. Importing them here would take seconds.
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    if "huggingface_hub" in sys.modules:
        from huggingface_hub.utils import disable_progress_bars

        disable_progress_bars()
    if "transformers" in sys.modules:
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
    warnings.simplefilter("ignore", FutureWarning)
    # On a machine without a GPU, it would say so at each import, in stages that do not even use it.
    logging.getLogger("DeepSpeed").addFilter(lambda record: "Setting accelerator to CPU" not in record.getMessage())
    # bitsandbytes would say at each import that it has no faster kernels for a CPU.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
