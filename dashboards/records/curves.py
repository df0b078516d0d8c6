"""Loss curves of the two training stages."""

from __future__ import annotations

import pandas as pd

from dashboards.records.files import Record
from dashboards.records.tables import read_csv

STAGES = ("pretrain", "finetune")


def training_path(stage: str) -> str:
    """Where a stage logs its training loss."""
    return f"reports/{stage}/loss.csv"


def validation_path(stage: str) -> str:
    """Where a stage logs its validation loss."""
    return f"reports/{stage}/validation.csv"


def read_training(record: Record) -> pd.DataFrame:
    """One row a logged step: step, loss, learning_rate and what else is logged."""
    return read_csv(record, ["step", "loss", "learning_rate"])


def read_validation(record: Record) -> pd.DataFrame:
    """One row a validation: step, loss."""
    return read_csv(record, ["step", "loss"])
