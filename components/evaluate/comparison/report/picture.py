"""The comparison as a picture: every model's main figures, and beside them the differences."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties

from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.pairs import better_model
from components.evaluate.comparison.report.texts import metric_name, translate
from components.evaluate.comparison.results import Comparison, Figure
from components.evaluate.statistics.paired import Difference
from components.files.atomic import new_file
from components.scenes.fonts import font_path

_WIDTH, _LINE, _FRAME, _NOTE = 11.0, 0.28, 0.85, 0.2
"""Inches: of the picture, of a model or pair, of a benchmark's title and axis, of a line of the note below."""
_NOTE_WIDTH = 150
"""Characters in a line of the note."""
_PLAIN, _FIRST, _SECOND = "0.35", "#0072b2", "#d55e00"
"""Colours: of values and of differences that are not shown; of differences that speak for the first or second model.
Okabe and Ito's blue and vermilion, which people with colour blindness tell apart."""


def draw_comparisons(contents: Contents, path: Path) -> None:
    """One row a benchmark: values at the left, differences at the right, each with its interval. PNG without a date."""
    with new_file(path) as part, style.context("default"):  # whatever the user's matplotlibrc says
        _draw(contents).savefig(part, format="png", metadata={"Software": None})


def _draw(contents: Contents) -> Drawing:
    benchmarks = _by_benchmark(contents.comparisons())
    heights = [_FRAME + _LINE * max(len(_values(found)), len(found)) for found in benchmarks.values()]
    note = _note(contents)
    drawing = Drawing(figsize=(_WIDTH, sum(heights) + _NOTE * len(note)), dpi=110, layout="constrained")
    FigureCanvasAgg(drawing)
    frames = drawing.subplots(
        len(benchmarks), 2, squeeze=False, gridspec_kw={"height_ratios": heights, "width_ratios": [1, 1.1]}
    )
    font = FontProperties(fname=str(font_path("NanumGothic")))
    for (left, right), (name, found) in zip(frames, benchmarks.items(), strict=True):
        _draw_values(left, name, found, font)
        _draw_differences(right, found, contents.settings.significance, font)
    drawing.supxlabel("\n".join(note), fontproperties=font, fontsize=9, x=0.01, ha="left")
    return drawing


def _by_benchmark(comparisons: Sequence[Comparison]) -> dict[str, list[Comparison]]:
    names = dict.fromkeys(comparison.benchmark for comparison in comparisons)
    return {name: [c for c in comparisons if c.benchmark == name] for name in names}


def _values(comparisons: Sequence[Comparison]) -> dict[str, Figure]:
    """Each model's figure."""
    found: dict[str, Figure] = {}
    for comparison in comparisons:
        found |= {comparison.first: comparison.first_figure, comparison.second: comparison.second_figure}
    return found


def _draw_values(frame: Axes, name: str, comparisons: Sequence[Comparison], font: FontProperties) -> None:
    main = comparisons[0]
    metric = f"{metric_name(main.metric, 'ko')} ({metric_name(main.metric, 'en')})"
    frame.set_title(
        f"{name}: {metric} {'↑' if main.higher_is_better else '↓'}", fontproperties=font, loc="left", fontsize=11
    )
    figures = _values(comparisons)
    for place, figure in enumerate(figures.values()):
        _draw_interval(frame, place, figure, _PLAIN)
    _finish(frame, list(figures), "value", font)


def _draw_differences(
    frame: Axes, comparisons: Sequence[Comparison], significance: float, font: FontProperties
) -> None:
    frame.axvline(0, color="0.7", linewidth=1, zorder=0)
    for place, comparison in enumerate(comparisons):
        colours = {comparison.first: _FIRST, comparison.second: _SECOND, None: _PLAIN}
        _draw_interval(frame, place, comparison.paired.difference, colours[better_model(comparison, significance)])
    # The font has no minus sign, but it has a dash.
    _finish(frame, [f"{c.first} – {c.second}" for c in comparisons], "difference", font)


def _draw_interval(frame: Axes, place: int, found: Figure | Difference, colour: str) -> None:
    if found.value is None:
        return
    if found.low is not None and found.high is not None:
        frame.plot([found.low, found.high], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
    frame.plot([found.value], [place], "o", color=colour, markersize=6)


def _finish(frame: Axes, names: Sequence[str], axis: str, font: FontProperties) -> None:
    frame.set_yticks(range(len(names)), names, fontproperties=font)
    frame.set_ylim(len(names) - 0.4, -0.6)
    key = f"picture_{axis}"
    frame.set_xlabel(f"{translate(key, 'ko')} ({translate(key, 'en')})", fontproperties=font, fontsize=9)
    frame.spines[["top", "right", "left"]].set_visible(False)
    frame.tick_params(axis="y", length=0)
    frame.tick_params(axis="x", labelsize=9)
    frame.margins(x=0.08)


def _note(contents: Contents) -> list[str]:
    """What the colours say, and what models are that their names do not say."""
    compared = {name for c in contents.comparisons() for name in (c.first, c.second)}
    labels = [f"{name}: {label}" for name, label in contents.labels.items() if name in compared]
    sentences = [translate("picture_colours", "ko"), translate("picture_colours", "en"), *labels]
    return [line for sentence in sentences for line in textwrap.wrap(sentence, _NOTE_WIDTH)]
