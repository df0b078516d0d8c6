"""What a file of layouts/ declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from components.archives.files import Files
from components.benchmarks.item import Item
from components.scoring.measure import Scored
from components.scoring.settings import Settings

Category = Literal["closed", "open", "captioning", "ocr", "culture"]


@dataclass(frozen=True)
class Benchmark:
    """A kind of benchmark: how it is read and asked, and how answers to it are read and scored."""

    category: Category
    prompt_version: str
    """Names the wording; changes with every change of it."""
    read: Callable[[Files], Iterator[Item]]
    """The items among some files, in order. Raises BenchmarkError at the first that cannot be used."""
    score: Callable[[pd.DataFrame, Settings], Scored]
    """Takes the items with their ``response``; with a judge also ``ratings`` and ``asked``, see scoring/judged.py."""
    parser_version: str
    answers: Literal["letter", "text"] = "text"
    """Whether answers are as short as a letter: decoding then ends early."""
    judge_template: str = ""
    """For benchmarks that a judge rates: which file of components/evaluate/judge/templates asks it."""
