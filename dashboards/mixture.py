"""The mixture as a chart."""

from __future__ import annotations

import altair as alt
import pandas as pd

_BARS, _LEGEND_LINE, _LEGEND_COLUMNS = 190, 24, 2
"""Heights in pixels: of the two bars with their axis, of a line of the legend."""


def mixture_bars(parts: pd.DataFrame, labels: dict[str, str]) -> alt.Chart:
    """Two stacked bars: each source's share of an epoch's samples and tokens, in the order of the table.

    Columns: source, epoch, tokens, sample_share, token_share, times_shown.
    """
    sources = list(parts["source"])
    legend = alt.Legend(orient="bottom", title=None, columns=_LEGEND_COLUMNS, labelLimit=220)
    chart = (
        alt.Chart(_shares(parts, labels))
        .mark_bar(height={"band": 0.7}, stroke="white")
        .encode(
            y=alt.Y("measure:N", title=None, sort=None),
            x=alt.X("share:Q", title=None, axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1], clamp=True)),
            color=alt.Color("source:N", scale=alt.Scale(domain=sources, scheme="tableau20"), legend=legend),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("source:N", title=labels["source"]),
                alt.Tooltip("share:Q", title=labels["share"], format=".1%"),
                alt.Tooltip("amount:Q", title=labels["amount"], format=","),
                alt.Tooltip("times_shown:Q", title=labels["times_shown"]),
            ],
        )
    )
    lines = -(-len(sources) // _LEGEND_COLUMNS)
    return chart.properties(height=_BARS + _LEGEND_LINE * lines)


def _shares(parts: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """A row a source and measure."""
    ranked = parts.assign(rank=range(len(parts)))
    measures = (("samples", "sample_share", "epoch"), ("tokens", "token_share", "tokens"))
    return pd.concat(
        [
            ranked[["source", "times_shown", "rank"]].assign(
                measure=labels[name], share=ranked[share], amount=ranked[amount]
            )
            for name, share, amount in measures
        ],
        ignore_index=True,
    )
