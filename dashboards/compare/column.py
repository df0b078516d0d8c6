"""A model of the comparison, which is a column of its tables."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.records.scores import Score, Scores, lookup


@dataclass(frozen=True)
class Column:
    """Whose figures, and in which run's scores they are looked up."""

    name: str
    """As it is shown; no two columns have the same."""
    revision: str
    """The run's."""
    scores: Scores
    subject: str

    @property
    def label(self) -> str:
        """What the model is that its name does not say."""
        return self.scores.labels.get(self.subject, "")

    @property
    def heading(self) -> str:
        """The name with the label, as Markdown."""
        return f"{self.name}  \n:small[:gray[{self.label}]]" if self.label else self.name

    def find(self, benchmark: str, metric: str) -> Score | None:
        """The model's figure; None where there is no row."""
        return lookup(self.scores.rows, self.subject, benchmark, metric)
