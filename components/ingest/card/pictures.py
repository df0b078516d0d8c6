"""The mixture as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import colormaps, style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from components.scenes.fonts import font_path

_WIDTH, _BAR_HEIGHT, _LEGEND_HEIGHT = 10.0, 1.5, 0.26
"""Inches: of the picture, of a stage's bars with their axis, of a line of its legend."""
_LEGEND_COLUMNS = 3
_COLOURS, _HATCHES = colormaps["tab20"].colors, ("", "//", "..")  # type: ignore[attr-defined]
_NARROW = 0.04
"""Share below which a number does not fit into its part of a bar."""


def draw_mixture(mixture: Mapping[str, Sequence[Mapping[str, Any]]], path: Path) -> None:
    """Two stacked bars a stage: shares of samples and of tokens in an epoch, by source. PNG without a date in it."""
    with style.context("default"):  # whatever the user's matplotlibrc says
        _draw(mixture).savefig(path, format="png", metadata={"Software": None})


def _draw(mixture: Mapping[str, Sequence[Mapping[str, Any]]]) -> Figure:
    lines = [-(-len(parts) // _LEGEND_COLUMNS) for parts in mixture.values()]
    heights = [_BAR_HEIGHT + _LEGEND_HEIGHT * (count + 1) for count in lines]
    figure = Figure(figsize=(_WIDTH, sum(heights)), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    frames = figure.subplots(len(mixture), squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    font = FontProperties(fname=str(font_path("NanumGothic")))
    for frame, (stage, parts) in zip(frames, mixture.items(), strict=True):
        _draw_stage(frame, stage, parts, font)
    return figure


def _draw_stage(frame: Axes, stage: str, parts: Sequence[Mapping[str, Any]], font: FontProperties) -> None:
    for bar, key in enumerate(("token_share", "sample_share")):
        _draw_bar(frame, bar, [part[key] for part in parts], [part["source"] for part in parts])
    frame.set_title(stage, fontproperties=font, loc="left")
    frame.set_yticks([0, 1], ["토큰 (tokens)", "표본 (samples)"], fontproperties=font)
    frame.set_xlim(0, 1)
    frame.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    frame.spines[["top", "right", "left"]].set_visible(False)
    frame.tick_params(axis="y", length=0)
    if parts:
        handles = frame.get_legend_handles_labels()[0][: len(parts)]  # the second bar's are the same
        labels = [f"{part['source']} {part['sample_share']:.1%} / {part['token_share']:.1%}" for part in parts]
        place = (0, -0.2)
        frame.legend(
            handles, labels, prop=font, frameon=False, ncols=_LEGEND_COLUMNS, loc="upper left", bbox_to_anchor=place
        )


def _draw_bar(frame: Axes, place: int, shares: Sequence[float], sources: Sequence[str]) -> None:
    left = 0.0
    for number, (share, source) in enumerate(zip(shares, sources, strict=True)):
        turn, colour = divmod(number, len(_COLOURS))
        look: dict[str, Any] = {
            "facecolor": _COLOURS[colour],
            "hatch": _HATCHES[turn % len(_HATCHES)],
            "edgecolor": "white",
        }
        frame.barh(place, share, 0.7, left=left, label=source, **look)
        if share >= _NARROW:
            frame.text(left + share / 2, place, f"{share:.0%}", ha="center", va="center", fontsize=9)
        left += share
