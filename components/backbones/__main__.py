"""Stage backbones: puts the image encoder and the language model in place.

Reads params.yaml (sections backbones and model); writes artifacts/backbones. Backbones of the hub are downloaded; a
token for gated ones is read from HF_TOKEN.
"""

from __future__ import annotations

from components.params.schema import Params
from components.stages.command import run_stage


def _run(params: Params) -> None:
    from components.backbones.stage import run

    run(params)


if __name__ == "__main__":
    run_stage("components.backbones", __doc__, _run)
