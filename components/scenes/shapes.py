"""Coloured shapes on a three by three board: captions, counting, position."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image, ImageDraw

from components.korean.particles import with_particle
from components.scenes.scene import SIDE, Choice, Region, Scene, Turn, pick_wrong
from components.scenes.vocabulary import COLOURS, PLACES, SHAPES

_CELL = SIDE // 3
_PAPER = ((255, 255, 255), (245, 245, 235), (230, 240, 245))
_NUMBERS = tuple(str(n) for n in range(1, 7))


@dataclass(frozen=True)
class Shape:
    """A shape in a cell of the board; offset and size in pixels."""

    colour: str
    form: str
    row: int
    column: int
    dx: int
    dy: int
    size: int

    @property
    def name(self) -> str:
        """As one speaks of it: '빨간 원'."""
        return f"{self.colour} {self.form}"

    @property
    def place(self) -> str:
        """Where it stands: '왼쪽 위'."""
        return PLACES[self.row, self.column]

    @property
    def corner(self) -> tuple[int, int]:
        """Left and top in pixels."""
        return self.column * _CELL + self.dx, self.row * _CELL + self.dy


@dataclass(frozen=True)
class Board(Scene):
    """One to four shapes, all of different colour and form, each in a cell of its own."""

    kind: ClassVar[str] = "board"
    shapes: tuple[Shape, ...]
    style: int

    @classmethod
    def sample(cls, rng: random.Random, count: int | None = None) -> Board:
        """A board with ``count`` shapes (one to four where none is given)."""
        count = count or rng.choice((1, 2, 2, 3, 3, 4))
        places = rng.sample(sorted(PLACES), count)
        names = rng.sample([(c, s) for c in COLOURS for s in SHAPES], count)
        shapes = []
        for (row, column), (colour, form) in zip(sorted(places), names, strict=True):
            size = rng.randint(42, 60)
            dx, dy = rng.randint(0, _CELL - size), rng.randint(0, _CELL - size)
            shapes.append(Shape(colour, form, row, column, dx, dy, size))
        return cls(tuple(shapes), rng.randrange(len(_PAPER)))

    def regions(self) -> list[Region]:
        regions = []
        for shape in self.shapes:
            left, top = shape.corner
            box = (left / SIDE, top / SIDE, (left + shape.size) / SIDE, (top + shape.size) / SIDE)
            regions.append(Region(shape.name, box))
        return regions

    def draw(self) -> Image.Image:
        picture = Image.new("RGB", (SIDE, SIDE), _PAPER[self.style])
        pen = ImageDraw.Draw(picture)
        for shape in self.shapes:
            _draw_shape(pen, shape)
        return picture

    def caption(self) -> str:
        *rest, last = self.shapes
        parts = [f"{shape.place}에 {shape.name}" for shape in rest]
        parts.append(f"{last.place}에 {with_particle(last.name, '이')} 있습니다.")
        return ", ".join(parts)

    def turns(self, rng: random.Random) -> list[Turn]:
        shape, other = rng.choice(self.shapes), rng.choice(self.shapes)
        count = str(len(self.shapes))
        return [
            Turn(rng.choice(("도형은 모두 몇 개인가요?", "도형이 몇 개 있나요?")), count, "count"),
            Turn(f"{with_particle(shape.name, '은')} 어디에 있나요?", shape.place, "place"),
            Turn(f"{other.place}에 있는 도형은 무엇인가요?", other.name, "what"),
        ]

    def choices(self, rng: random.Random) -> list[Choice]:
        shape = rng.choice(self.shapes)
        shown = {s.name for s in self.shapes}
        names = [f"{c} {s}" for c in COLOURS for s in SHAPES if f"{c} {s}" not in shown]
        places = list(PLACES.values())
        count = str(len(self.shapes))
        questions = [
            Choice(f"{shape.place}에 있는 도형은 무엇인가요?", shape.name, pick_wrong(rng, shape.name, names), "what"),
            Choice(
                f"{with_particle(shape.name, '은')} 어디에 있나요?",
                shape.place,
                pick_wrong(rng, shape.place, places),
                "place",
            ),
            Choice("도형은 모두 몇 개인가요?", count, pick_wrong(rng, count, _NUMBERS), "count"),
        ]
        return [rng.choice(questions)]


@dataclass(frozen=True)
class SingleShape(Board):
    """One shape that fills the picture: what folder-as-label data show."""

    kind: ClassVar[str] = "single"

    @classmethod
    def sample(cls, rng: random.Random, count: int | None = None) -> SingleShape:
        colour, form = rng.choice([(c, s) for c in COLOURS for s in SHAPES])
        size = rng.randint(80, 150)
        dx, dy = rng.randint(0, SIDE - size), rng.randint(0, SIDE - size)
        return cls((Shape(colour, form, 0, 0, dx, dy, size),), rng.randrange(len(_PAPER)))

    def caption(self) -> str:
        return f"{with_particle(self.shapes[0].name, '이')} 있습니다."

    def turns(self, rng: random.Random) -> list[Turn]:
        return [Turn("이 도형은 무엇인가요?", self.shapes[0].name, "label")]

    def choices(self, rng: random.Random) -> list[Choice]:
        name = self.shapes[0].name
        names = [f"{c} {s}" for c in COLOURS for s in SHAPES]
        return [Choice("이 도형은 무엇인가요?", name, pick_wrong(rng, name, names), "label")]


def _draw_shape(pen: ImageDraw.ImageDraw, shape: Shape) -> None:
    left, top = shape.corner
    size, fill = shape.size, COLOURS[shape.colour]
    right, bottom = left + size, top + size
    if shape.form == "원":
        pen.ellipse((left, top, right, bottom), fill=fill)
    elif shape.form == "네모":
        pen.rectangle((left, top, right, bottom), fill=fill)
    elif shape.form == "세모":
        pen.polygon([(left + size / 2, top), (right, bottom), (left, bottom)], fill=fill)
    elif shape.form == "별":
        pen.polygon(_star(left + size / 2, top + size / 2, size / 2), fill=fill)
    else:
        pen.polygon(_heart(left, top, size), fill=fill)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for step in range(10):
        reach = radius if step % 2 == 0 else radius * 0.42
        angle = math.pi * (step / 5 - 0.5)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _heart(left: float, top: float, size: float) -> list[tuple[float, float]]:
    """The curve x = 16 sin^3 t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t, scaled into the box."""
    points = []
    for step in range(40):
        t = 2 * math.pi * step / 40
        x = 16 * math.sin(t) ** 3
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append((left + size * (x + 16) / 32, top + size * (12 - y) / 29))
    return points
