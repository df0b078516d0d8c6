"""A checkpoint: all that is trained, its moments, the position in the data, and the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file, save_file

from components.training.log import Log
from components.training.state import State

_STATE, POSITION = "state.safetensors", "position.json"


@dataclass(frozen=True)
class Checkpoint:
    """After ``done`` steps. Order of samples, and what is drawn at random in a step, follow from the step's number."""

    done: int
    steps: int
    """Of the whole run."""
    state: State
    log: Log

    @property
    def is_final(self) -> bool:
        """Whether nothing is left to be done."""
        return self.done == self.steps

    @property
    def weights(self) -> State:
        """What was learnt, by its names in the model."""
        return {name.removeprefix("model."): value for name, value in self.state.items() if "#" not in name}

    def save(self, folder: Path) -> None:
        """Write into an existing folder; the position last, so that a folder that has one is whole."""
        save_file({name: value.contiguous() for name, value in self.state.items()}, folder / _STATE)
        self.log.save(folder)
        (folder / POSITION).write_text(json.dumps({"done": self.done, "steps": self.steps}), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Checkpoint:
        """Read what ``save`` wrote."""
        position = json.loads((folder / POSITION).read_text(encoding="utf-8"))
        return cls(int(position["done"]), int(position["steps"]), load_file(folder / _STATE), Log.load(folder))
