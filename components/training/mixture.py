"""Which samples an epoch shows: by stage ingest's mixture, where it asks for other than each sample once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

_FILE = "mixture.json"


class Mixture:
    """Draws from each source as many samples an epoch as its part is.

    A source's samples are shuffled anew each time that all have been shown, so that over some epochs all are shown
    equally often, give or take one.
    """

    def __init__(self, members: Mapping[str, np.ndarray], parts: Mapping[str, int], seed: int) -> None:
        """``members``: places of each source's samples; ``parts``: samples an epoch, by source."""
        self._members, self._parts, self._seed = dict(sorted(members.items())), parts, seed
        self.size = sum(parts[name] for name in members)
        """Samples an epoch."""

    def epoch(self, number: int) -> np.ndarray:
        """Places (size,) of the epoch's samples, ascending."""
        drawn = [self._draw(index, name, number) for index, name in enumerate(self._members)]
        return np.sort(np.concatenate(drawn))

    def _draw(self, index: int, name: str, number: int) -> np.ndarray:
        places, part = self._members[name], self._parts[name]
        first, last = number * part, (number + 1) * part
        rounds = range(first // len(places), -(-last // len(places)))
        if not rounds:
            return places[:0]
        shuffled = [np.random.default_rng((self._seed, index, turn)).permutation(places) for turn in rounds]
        begin = first - rounds.start * len(places)
        return np.concatenate(shuffled)[begin : begin + part]


def read_mixture(shards: Path, sources: pa.ChunkedArray, seed: int) -> Mixture:
    """The mixture of a stage's train split.

    Args:
        shards: the stage's shards; without a mixture there, each sample is shown once an epoch.
        sources: the source of each sample.
    """
    names = np.asarray(sources.to_numpy())
    members = {str(name): np.flatnonzero(names == name) for name in np.unique(names)}
    parts = {name: len(places) for name, places in members.items()}
    path = shards / _FILE
    if path.is_file():
        given = json.loads(path.read_text(encoding="utf-8"))
        parts |= {name: int(part["epoch"]) for name, part in given.items() if name in members}
    return Mixture(members, parts, seed)
