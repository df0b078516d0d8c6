"""What is shown of a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboards.page import model_name
from dashboards.records.runs import Run

# Of the models' boxes, by their place; see charts.COLOURS for why not just any.
BOX_COLOURS = ("#FF6D00", "#D500F9", "#2979FF", "#FFEA00")


@dataclass(frozen=True)
class Model:
    """One of the models side by side."""

    subject: str
    label: str
    """What it is that its name does not say."""
    colour: str
    """Of its boxes."""

    @property
    def name(self) -> str:
        """As the page shows it."""
        return model_name(self.subject)


@dataclass(frozen=True)
class Shown:
    """A benchmark's items with the answers of the chosen models."""

    run: Run
    benchmark: str
    models: Sequence[Model]
    """Filters look at the first, beside the second."""
    table: pd.DataFrame
    """Columns of the items, and response, parsed and score of each model as <column>_<subject>."""
    is_binary: bool
    """Whether an answer is right or wrong, rather than good to a degree."""
    lower_is_better: bool
