"""Bar charts and tables with Hangul labels, painted by matplotlib at places computed here."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from components.korean.particles import with_particle
from components.scenes.fonts import WEIGHTS, font_path, load_font
from components.scenes.scene import SIDE, Box, Choice, Region, Scene, Turn, pick_wrong
from components.scenes.vocabulary import BAR, DIGITS, TOPICS

_DPI, _POINTS_PER_INCH = 100, 72
_BAR_COLOURS = ("#4c72b0", "#dd8452", "#55a868", "#8172b3", "#937860")
_BAR_BOTTOM, _BAR_TOP, _LABEL_SIZE = 150, 36, 26
_ROWS = 4
ChartT = TypeVar("ChartT", bound="Chart")


@dataclass(frozen=True)
class Chart(Scene):
    """Labels of one topic, each with a value from 1 to 9."""

    topic: str
    labels: tuple[str, ...]
    values: tuple[int, ...]
    weight: str
    style: int

    @classmethod
    def sample(cls: type[ChartT], rng: random.Random) -> ChartT:
        """A chart of three or four labels with different values."""
        topic = rng.choice(sorted(TOPICS))
        count = 3 if cls is Bars else rng.choice((3, _ROWS))
        labels = tuple(rng.sample(TOPICS[topic], count))
        values = tuple(rng.sample(range(1, 10), count))
        return cls(topic, labels, values, rng.choice(WEIGHTS[1:]), rng.randrange(len(_BAR_COLOURS)))

    def draw(self) -> Image.Image:
        figure, axes = _canvas()
        for painted in (*axes.patches, *axes.lines, *axes.texts):
            painted.remove()  # to clear the axes would make their ticks anew, which takes longer than all else
        self._paint(axes)
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
        return Image.fromarray(np.ascontiguousarray(pixels))

    def _paint(self, axes: Axes) -> None:
        raise NotImplementedError

    def turns(self, rng: random.Random) -> list[Turn]:
        index = rng.randrange(len(self.labels))
        label = self.labels[index]
        most, least = (self.labels[self.values.index(v)] for v in (max(self.values), min(self.values)))
        ask_most = rng.choice(("값이 가장 큰 것은 무엇인가요?", "어느 것이 가장 많은가요?"))
        return [
            Turn(rng.choice((f"{label}의 값은 얼마인가요?", f"{with_particle(label, '은')} 몇인가요?")),
                 str(self.values[index]), "value"),
            Turn(ask_most, most, "largest"),
            Turn("값이 가장 작은 것은 무엇인가요?", least, "smallest"),
        ]  # fmt: skip

    def choices(self, rng: random.Random) -> list[Choice]:
        index = rng.randrange(len(self.labels))
        value = str(self.values[index])
        most = self.labels[self.values.index(max(self.values))]
        candidates = [*rng.sample(self.labels, len(self.labels)), *TOPICS[self.topic]]
        questions = [
            Choice(
                f"{self.labels[index]}의 값은 얼마인가요?",
                value,
                pick_wrong(rng, value, [*map(str, self.values), *rng.sample(DIGITS[1:], 9)]),
                "value",
            ),
            Choice("값이 가장 큰 것은 무엇인가요?", most, pick_wrong(rng, most, candidates), "largest"),
        ]
        return [rng.choice(questions)]

    def _listing(self) -> str:
        return ", ".join(f"{label} {value}" for label, value in zip(self.labels, self.values, strict=True))

    def _text_box(self, text: str, x: float, y: float) -> Box:
        """The box of a text whose middle is at (x, y), in pixels."""
        left, top, right, bottom = load_font(self.weight, _LABEL_SIZE).getbbox(text, anchor="mm")
        return (x + left) / SIDE, (y + top) / SIDE, (x + right) / SIDE, (y + bottom) / SIDE

    def _write(self, axes: Axes, text: str, x: float, y: float) -> None:
        font = _font_properties(self.weight)
        axes.text(x, y, text, fontproperties=font, ha="center", va="center_baseline", color="#111111")


@dataclass(frozen=True)
class Bars(Chart):
    """A bar chart with the value over each bar and the label under it."""

    kind: ClassVar[str] = "bars"

    def _columns(self) -> list[tuple[float, float]]:
        """Middle of each bar and its top, in pixels."""
        width = SIDE / len(self.labels)
        height = _BAR_BOTTOM - _BAR_TOP
        return [((i + 0.5) * width, _BAR_BOTTOM - height * v / 9) for i, v in enumerate(self.values)]

    def regions(self) -> list[Region]:
        regions = []
        for (x, top), label, value in zip(self._columns(), self.labels, self.values, strict=True):
            regions.append(Region(label, self._text_box(label, x, _BAR_BOTTOM + 20)))
            regions.append(Region(str(value), self._text_box(str(value), x, top - 16)))
            regions.append(Region(BAR, ((x - 16) / SIDE, top / SIDE, (x + 16) / SIDE, _BAR_BOTTOM / SIDE)))
        return regions

    def _paint(self, axes: Axes) -> None:
        columns = self._columns()
        for x, top in columns:
            bar = Rectangle(
                (x - 16, _BAR_BOTTOM), 32, top - _BAR_BOTTOM, facecolor=_BAR_COLOURS[self.style], linewidth=0
            )
            axes.add_artist(bar)
        axes.add_artist(Line2D([0, SIDE], [_BAR_BOTTOM] * 2, color="#444444", linewidth=1))
        for (x, top), label, value in zip(columns, self.labels, self.values, strict=True):
            self._write(axes, label, x, _BAR_BOTTOM + 20)
            self._write(axes, str(value), x, top - 16)

    def caption(self) -> str:
        return f"막대그래프입니다. {self._listing()}."


@dataclass(frozen=True)
class Table(Chart):
    """A table with a label and a value in each row."""

    kind: ClassVar[str] = "table"

    def _rows(self) -> list[float]:
        """Middle of each row, in pixels."""
        height = SIDE / _ROWS
        return [(i + 0.5) * height for i in range(len(self.labels))]

    def regions(self) -> list[Region]:
        regions = []
        for y, label, value in zip(self._rows(), self.labels, self.values, strict=True):
            regions.append(Region(label, self._text_box(label, SIDE * 0.32, y)))
            regions.append(Region(str(value), self._text_box(str(value), SIDE * 0.8, y)))
        return regions

    def _paint(self, axes: Axes) -> None:
        height = SIDE / _ROWS
        for row in range(len(self.labels) + 1):
            axes.add_artist(Line2D([4, SIDE - 4], [row * height + 1] * 2, color="#888888", linewidth=1))
        for x in (4, SIDE * 0.62, SIDE - 4):
            axes.add_artist(Line2D([x, x], [1, len(self.labels) * height], color="#888888", linewidth=1))
        for y, label, value in zip(self._rows(), self.labels, self.values, strict=True):
            self._write(axes, label, SIDE * 0.32, y)
            self._write(axes, str(value), SIDE * 0.8, y)

    def caption(self) -> str:
        return f"표입니다. {self._listing()}."


@lru_cache(maxsize=1)
def _canvas() -> tuple[Figure, Axes]:
    """One figure for all charts of a process: making one costs more than painting it."""
    figure = Figure(figsize=(SIDE / _DPI, SIDE / _DPI), dpi=_DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, SIDE), ylim=(SIDE, 0))
    axes.axis("off")
    return figure, axes


@lru_cache(maxsize=8)
def _font_properties(weight: str) -> FontProperties:
    return FontProperties(fname=str(font_path(weight)), size=_LABEL_SIZE * _POINTS_PER_INCH / _DPI)
