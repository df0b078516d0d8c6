"""What libraries would say between a stage's own lines."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.model.tiny import ROOT

CODE = """
import importlib, sys
from components.stages.quiet import quiet_libraries
for name in sys.argv[1:]:
    importlib.import_module(name)
quiet_libraries()
before = set(sys.modules)
import transformers.utils.logging as logging
print(logging.is_progress_bar_enabled(), "transformers" in before)
"""


@pytest.mark.parametrize("imported", [[], ["huggingface_hub"], ["transformers.utils.logging"]])
def test_bars_are_off_whatever_was_imported_before(imported: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, *imported], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", str(imported == ["transformers.utils.logging"])]
