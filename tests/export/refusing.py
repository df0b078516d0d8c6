"""Stage export with everything but its own conduct taken out: ``python -m tests.export.refusing``.

A bundle has a mean divergence of 0.005; whether that is too much, params.yaml says.
"""

from __future__ import annotations

from typing import Any
from unittest import mock

from components.export import stage
from components.export.choosing import Chosen
from components.export.openvino.forms import LADDER
from components.export.quality.gate import problems
from components.params.load import load_params
from components.params.schema import Params
from components.stages.command import run_command
from tests.export.card.bundles import SPEED
from tests.export.quality.measured import FOUND, measured

ROWS: Any = SPEED["rows"]


def write_and_compare(params: Params) -> tuple[dict[str, Any], float]:
    """A bundle of one file, and what is said of it."""
    stage.clear()
    (wanted,) = params.export.bundles
    folder = stage._BUNDLES / wanted.name
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(b"weights")
    found = FOUND.model_copy(update={"kl_mean": 0.005})
    quality = measured(wanted.name).quality.model_copy(update={"divergence": {"both": found}, "elsewhere": {}})
    chosen = Chosen(wanted, [LADDER[0]], [], quality, problems(wanted.name, quality, wanted.limits))
    return {wanted.name: stage._Checked(chosen, quality, None)}, 8.0


def main() -> None:
    """Run the stage."""
    speed = SPEED | {"rows": [{**row, "name": name} for name in ("int8", "transformers-bf16") for row in ROWS]}
    changed: dict[str, Any] = {
        "_write_and_compare": write_and_compare,
        "measure_speed": lambda *_: speed,
        "describe_source": lambda _: {},
        "verify_in_fresh_process": lambda _: None,
    }
    with mock.patch.multiple(stage, **changed):
        run_command(lambda: stage.run(load_params()))


if __name__ == "__main__":
    main()
