"""What whoever verifies, talks to or serves a bundle is told of the processor that it runs on."""

from __future__ import annotations

import sys

from components.bundles.coverage import warning
from components.bundles.manifest import Manifest


def warn(manifest: Manifest) -> None:
    """Say on the error stream where a bundle's card does not hold on this processor."""
    if sentence := warning(manifest):
        print(f"warning: {sentence}", file=sys.stderr, flush=True)
