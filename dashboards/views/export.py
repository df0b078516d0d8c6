"""Export: how small and fast each bundle is, and what its quantisation cost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import cached
from dashboards.page import choose_run, problems_shown, root, show_refusals, text, title
from dashboards.records.export import DIVERGENCES, SPEEDS, ExportReport
from dashboards.records.files import WORKSPACE

_DIGITS = {"kl_mean": "%.4f", "kl_p999": "%.3f", "perplexity_ratio": "%.4f", "p": "%.3f", "n": "%d"}
_SHARES = ("top1", "memory_share")


def page() -> None:
    """Headline figures of the first bundle, then tables of all."""
    title("export_title")
    run = choose_run()
    if run.revision == WORKSPACE and show_refusals():
        return
    with problems_shown():
        report = cached.export_report(root(), run.revision)
        _show_headlines(report)
        for one in report.bundles.itertuples():
            if one.refused:
                st.warning(f"**{one.name}** {text('export_refused')}\n\n{one.refused}")
            if one.refused_forms:
                lines = (f"- {text(f'form_{each.form}')}: {each.reasons}" for each in one.refused_forms)
                st.info(f"**{one.name}** {text('export_refused_forms')}\n\n" + "\n".join(lines))
        forms = [text(f"form_{form}") for form in report.bundles["form"]]
        _show_table("bundle", report.bundles.drop(columns=["refused", "refused_forms"]).assign(form=forms))
        _show_divergences(report)
        _show_scores(report)
        _show_speed(report)


def _show_headlines(report: ExportReport) -> None:
    first, boxes = report.bundles.iloc[0], st.columns(4)
    smaller = text("smaller", ratio=report.model_mb / first["size_mb"]) if report.model_mb else None
    _metric(boxes[0], f"{first['name']} (MB)", _plain(first["size_mb"]), smaller)
    _metric(boxes[1], text("top1"), _percent(first["top1"]), text("export_against"))
    _metric(boxes[2], text("kl_mean"), _plain(first["kl_mean"], 4), None)
    timed = report.speed[report.speed["with_image"].astype(bool)].set_index("name")
    rate = timed["tokens_per_second"].get(first["name"])
    others = [value for name, value in timed["tokens_per_second"].items() if name.startswith("transformers")]
    faster = text("faster", ratio=rate / others[0]) if rate and others else None
    _metric(boxes[3], f"{text('speed')} ({text('tokens_per_second')})", _plain(rate), faster)


def _show_divergences(report: ExportReport) -> None:
    st.subheader(text("export_divergence"))
    st.caption(text("export_divergence_intro"))
    table = report.divergences.assign(pairing=[text(f"pairing_{one}") for one in report.divergences["pairing"]])
    _show_table(None, table[["name", "pairing", *DIVERGENCES]])


def _show_scores(report: ExportReport) -> None:
    st.subheader(text("export_scores"))
    st.caption(text("export_scores_intro"))
    _show_table(None, report.scores)
    if not report.left_out.empty:
        _show_table("not_compared", report.left_out)


def _show_speed(report: ExportReport) -> None:
    st.subheader(text("speed"))
    st.caption(report.device)
    table = report.speed.assign(
        with_image=[text("with_image" if one else "without_image") for one in report.speed["with_image"]]
    )
    _show_table(None, table[["name", "with_image", *SPEEDS]])


def _show_table(heading: str | None, table: pd.DataFrame) -> None:
    if heading:
        st.subheader(text(heading))
    shown = table.assign(**{key: table[key] * 100 for key in _SHARES if key in table})
    columns = {str(name): _column(str(name), table[name]) for name in table}
    st.dataframe(shown, hide_index=True, width="stretch", column_config=columns)


def _column(name: str, values: pd.Series) -> Any:
    label = text(f"column_{name}")
    if not pd.api.types.is_numeric_dtype(values):
        return st.column_config.TextColumn(label)
    return st.column_config.NumberColumn(label, format="%.1f %%" if name in _SHARES else _DIGITS.get(name, "%.3f"))


def _metric(box: st.delta_generator.DeltaGenerator, label: str, value: str, note: str | None) -> None:
    box.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)


def _plain(value: float | None, digits: int = 1) -> str:
    return text("not_measured") if value is None or pd.isna(value) else f"{value:,.{digits}f}"


def _percent(value: float | None) -> str:
    return text("not_measured") if value is None or pd.isna(value) else f"{value:.1%}"


page()
