"""Charts. They are drawn by the browser with the page's fonts, so Hangul shows as Hangul."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboards.records.card import SPLITS

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart
# Okabe and Ito: told apart by colour-blind readers too.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#444444"]
# Streamlit counts legend, axis and title into a chart's height.
_FRAME = 70
_LEGEND = 50
# The same room for both curves' labels, so that the steps stand under each other.
_AXIS = 50
_LEGEND_TOP = alt.Legend(orient="top", title=None, labelLimit=320)


def score_bars(table: pd.DataFrame, metric: str, colours: dict[str, str]) -> AnyChart:
    """Bars with 95 % intervals: one row a benchmark, one bar a subject; what was not measured here is pale.

    colours: subject -> its colour, in the order of the bars. The page shows them once for all charts.
    Columns: benchmark, subject, value, low, high, n, measured.
    """
    subjects = list(colours)
    colour = alt.Color("subject:N", scale=alt.Scale(domain=subjects, range=list(colours.values())), legend=None)
    # Room between bars by padding: thinner ones Vega does not put in the middle of a band within a band.
    offset = alt.YOffset("subject:N", sort=subjects, scale=alt.Scale(paddingInner=0.2))
    base = alt.Chart(table).encode(y=alt.Y("benchmark:N", title=None, axis=alt.Axis(labelLimit=200)), yOffset=offset)
    bars = base.mark_bar(height={"band": 1}).encode(
        x=alt.X("value:Q", title=metric, scale=alt.Scale(zero=True)),
        color=colour,
        opacity=alt.condition(alt.datum.measured, alt.value(0.9), alt.value(0.35)),
        tooltip=["benchmark", "subject", "value", "low", "high", "n"],
    )
    whiskers = base.mark_rule(color="#333333", strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    rows = table["benchmark"].nunique() * table["subject"].nunique()
    return alt.layer(bars, whiskers).properties(height=_FRAME + 26 * rows)


def loss_lines(table: pd.DataFrame, labels: dict[str, str], log: bool) -> AnyChart:
    """Training and validation loss of several runs. Columns: run, kind, step, loss."""
    runs = list(dict.fromkeys(table["run"]))
    scale = alt.Scale(type="log") if log else alt.Scale(zero=False)
    base = alt.Chart(table).encode(
        x=alt.X("step:Q", title=labels["step"]),
        y=alt.Y("loss:Q", title=labels["loss"], scale=scale, axis=alt.Axis(minExtent=_AXIS)),
        color=alt.Color("run:N", scale=alt.Scale(domain=runs, range=COLOURS), legend=_LEGEND_TOP),
        tooltip=["run", "kind", "step", alt.Tooltip("loss:Q", format=".4f")],
    )
    training = base.transform_filter(alt.datum.kind == labels["training"]).mark_line(strokeWidth=1.5, opacity=0.8)
    checked = base.transform_filter(alt.datum.kind == labels["validation"])
    validation = checked.mark_line(strokeDash=[6, 4], strokeWidth=2, point=alt.OverlayMarkDef(size=45))
    return alt.layer(training, validation).properties(height=320)


def rate_lines(table: pd.DataFrame, labels: dict[str, str]) -> alt.Chart:
    """Learning rate of several runs. Columns: run, step, learning_rate."""
    runs = list(dict.fromkeys(table["run"]))
    chart = (
        alt.Chart(table)
        .mark_line(strokeWidth=1.5)
        .encode(
            x=alt.X("step:Q", title=labels["step"]),
            y=alt.Y("learning_rate:Q", title=labels["learning_rate"], axis=alt.Axis(format=".0e", minExtent=_AXIS)),
            color=alt.Color("run:N", scale=alt.Scale(domain=runs, range=COLOURS), legend=None),
        )
    )
    return chart.properties(height=160)


def sample_bars(table: pd.DataFrame, labels: dict[str, str], rows: int) -> alt.Chart:
    """Samples per source, stacked by split, with room for `rows` sources. Columns: source, split, samples."""
    ranked = table.assign(rank=table["split"].map({split: rank for rank, split in enumerate(SPLITS)}))
    chart = (
        alt.Chart(ranked)
        .mark_bar(height={"band": 0.7})
        .encode(
            y=alt.Y("source:N", title=None, axis=alt.Axis(labelLimit=260)),
            x=alt.X("samples:Q", title=labels["samples"]),
            color=alt.Color("split:N", scale=alt.Scale(domain=list(SPLITS), range=COLOURS), legend=_LEGEND_TOP),
            order=alt.Order("rank:Q"),
            tooltip=["source", "split", "samples"],
        )
    )
    return chart.properties(height=_FRAME + _LEGEND + 36 * rows)


def value_bars(table: pd.DataFrame, axis: str) -> AnyChart:
    """A bar a row, with its value written at its end. Columns: name, value, label."""
    base = alt.Chart(table).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=240)),
        x=alt.X("value:Q", title=axis),
    )
    bars = base.mark_bar(color=COLOURS[0], height={"band": 0.7})
    labels = base.mark_text(align="left", dx=6, fontSize=13).encode(text="label:N")
    return alt.layer(bars, labels).properties(height=60 + 44 * max(1, len(table)))
