"""What `make demo` prints at the end: stages with times, scores, and where to look next."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from infra.stage_log import StageLog

BASELINE = "KoLLaVA-7B"
MAIN_SPEED = ("tokens_per_second", "characters_per_second", "first_token_ms", "end_to_end_ms")
"""Of the latency figures; the others are in the report."""


def print_summary(console: Console, root: Path, log: StageLog, failed: bool) -> None:
    """Prints the stages of this run and, when all of them are there, the scores and the results' places."""
    console.print(_stage_table(root, log))
    if failed:
        name = next((name for name, record in log.stages.items() if record.result == "failed"), None)
        where = f"Stage [bold]{name}[/] failed" if name else "DVC stopped before any stage"
        console.print(f"[red]{where}[/]: its message is above. Put it right and run `make demo` again:")
        console.print("finished stages are kept, and training goes on from its last checkpoint.")
        _print_refused(console, root, name)
        return
    scores = root / "artifacts" / "evaluate" / "scores.json"
    if scores.exists():
        console.print(_score_table(json.loads(scores.read_text(encoding="utf-8"))))
    console.print(
        "Model        artifacts/finetune/model (transformers), artifacts/export/bundles (for devices)\n"
        "Predictions  artifacts/evaluate/predictions\n"
        "Scores       artifacts/evaluate/scores.json\n"
        "Comparison   artifacts/evaluate/comparison/report.md, report.ko.md\n"
        "Export       artifacts/export/report.md, report.ko.md\n"
        "Data card    artifacts/ingest/card.md\n"
        "Dashboard    [bold]make dashboard[/]\n"
        "Changes      edit params.yaml and run [bold]make demo[/] again: only what depends on it runs",
        highlight=False,
    )
    _print_forms(console, root)


def _print_refused(console: Console, root: Path, stage: str | None) -> None:
    """Where an export lies that was refused."""
    report = root / "scratch" / "export" / "refused" / "report.md"
    if stage == "export" and report.exists():
        console.print(f"What was refused, and why: {report.relative_to(root)}", highlight=False)


def _print_forms(console: Console, root: Path) -> None:
    """Bundles that are slower than they might have been, and what was against the faster forms."""
    report = root / "artifacts" / "export" / "report.json"
    bundles = json.loads(report.read_text(encoding="utf-8"))["bundles"] if report.exists() else []
    for one in bundles:
        refused = one.get("refused_forms", [])
        if refused:
            console.print(f"Bundle {one['name']}: image encoder in form {one['form']}; refused were", highlight=False)
        for form in refused:
            console.print(f"  {form['form']}: {'; '.join(form['reasons'])}", highlight=False, markup=False)


def _stage_table(root: Path, log: StageLog) -> Table:
    table = Table("Stage", "Result", title="Stages", title_justify="left")
    table.add_column("Seconds", justify="right")
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    for name in [*log.stages, *(name for name in stages if name not in log.stages)]:
        record = log.stages.get(name)
        seconds = "" if record is None or record.seconds is None else f"{record.seconds:.1f}"
        table.add_row(name, record.result if record else "not reached", seconds)
    return table


def _score_table(found: dict[str, Any]) -> Table:
    scores, main = found["scores"], found["main"]
    measured = dict.fromkeys(row["subject"] for row in scores if row["status"] == "measured")
    subjects = [main, *(name for name in measured if name != main), BASELINE]
    table = Table("Benchmark", "Metric", title="Scores", title_justify="left")
    for subject in dict.fromkeys(subjects):
        table.add_column(subject, justify="right")
    cells = {(row["benchmark"], row["metric"], row["subject"]): _cell(row) for row in scores}
    for benchmark, metric in dict.fromkeys((b, m) for b, m, subject in cells if subject == main):
        if benchmark != "speed" or metric in MAIN_SPEED:
            table.add_row(benchmark, metric, *(cells.get((benchmark, metric, s), "") for s in dict.fromkeys(subjects)))
    notes = [f"{name}: {label}." for name, label in found["labels"].items()]
    table.caption = "\n".join(
        ["Brackets: 95 % interval. Published scores were measured otherwise: not comparable.", *notes]
    )
    return table


def _cell(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return str(row["status"])
    text = f"{row['value']:.3g}"
    if row["low"] is not None and row["high"] is not None:
        text += f" [{row['low']:.3g}, {row['high']:.3g}]"
    return text if row["status"] == "measured" else f"{text} ({row['status']})"
