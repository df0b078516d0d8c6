"""Export: how small and fast the bundle is, and how far it agrees with the model it came from."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import cached, charts
from dashboards.page import choose_run, problems_shown, root, text, title
from dashboards.records.export import ExportReport
from dashboards.texts import TEXTS

SPEEDS = ("bundle_tokens_per_second", "transformers_tokens_per_second")


def page() -> None:
    """Headline figures, two pictures, the list of files."""
    title("export_title")
    run = choose_run()
    with problems_shown():
        report = cached.export_report(root(), run.revision)
        _show_headlines(report)
        left, right = st.columns(2, gap="large")
        with left:
            st.subheader(text("size"))
            _show_bars(dict(report.sizes), "MB")
        with right:
            st.subheader(text("speed"))
            speeds = {key: value for key in SPEEDS if (value := report.speed.get(key)) is not None}
            _show_bars(speeds, text("tokens_per_second"))
        _show_first_token(report)
        _show_files(report)


def _show_headlines(report: ExportReport) -> None:
    size, same, top, speed = st.columns(4)
    bundle, merged = report.sizes.get("bundle"), report.sizes.get("merged_bf16")
    smaller = text("smaller", ratio=merged / bundle) if bundle and merged else None
    size.metric(f"{text('bundle')} (MB)", _plain(bundle), smaller, delta_color="off", delta_arrow="off", border=True)
    _show_agreement(same, top, report.agreement)
    ratio = report.speed.get("ratio")
    faster = text("faster", ratio=ratio) if ratio else None
    speed.metric(
        f"{text('speed')} ({text('tokens_per_second')})",
        _plain(report.speed.get(SPEEDS[0])),
        faster,
        delta_color="off",
        delta_arrow="off",
        border=True,
    )


def _show_agreement(
    same: st.delta_generator.DeltaGenerator,
    top: st.delta_generator.DeltaGenerator,
    agreement: dict[str, float | None],
) -> None:
    low, high, items = (agreement.get(key) for key in ("low", "high", "items"))
    interval = f"{text('interval')} {low:.1%} – {high:.1%}" if low is not None and high is not None else None
    measured = text("agreement_help", items=items) if items is not None else None
    same.metric(
        text("same_answer"),
        _percent(agreement.get("same_answer")),
        interval,
        delta_color="off",
        delta_arrow="off",
        border=True,
        help=measured,
    )
    top.metric(
        text("top1"),
        _percent(agreement.get("top1")),
        measured,
        delta_color="off",
        delta_arrow="off",
        border=True,
    )


def _show_bars(values: dict[str, float], axis: str) -> None:
    if not values:
        st.caption(text("not_measured"))
        return
    rows = [
        {"name": text(key) if key in TEXTS else key, "value": value, "label": _plain(value)}
        for key, value in values.items()
    ]
    st.altair_chart(charts.value_bars(pd.DataFrame(rows), axis), width="stretch")


def _show_first_token(report: ExportReport) -> None:
    if not report.first_token:
        return
    st.subheader(text("first_token"))
    for box, (name, value) in zip(
        st.columns(max(4, len(report.first_token))), report.first_token.items(), strict=False
    ):
        box.metric(name, _plain(value), border=True)


def _show_files(report: ExportReport) -> None:
    st.subheader(text("bundle_files"))
    table = report.files.assign(bytes=report.files["bytes"] / 1e6)
    formats = {
        "file": st.column_config.TextColumn(text("file"), width="large"),
        "bytes": st.column_config.NumberColumn("MB", format="%.3f"),
        "sha256": st.column_config.TextColumn("SHA-256", width="medium"),
    }
    st.dataframe(table, hide_index=True, width="stretch", column_config=formats)


def _plain(value: float | None) -> str:
    return text("not_measured") if value is None else f"{value:,.1f}"


def _percent(value: float | None) -> str:
    return text("not_measured") if value is None else f"{value:.1%}"


page()
