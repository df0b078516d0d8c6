"""From stored answers to scores.json, metrics.json and scores.csv, in a process without torch."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from components.evaluate.baselines import FILE, published_rows
from components.evaluate.differences import paired_difference
from components.evaluate.paths import Paths
from components.evaluate.predictions import read_predictions
from components.evaluate.rows import BASELINE
from components.evaluate.score import score
from components.scoring.figures import Settings
from components.evaluate.suite import SUITE
from components.params.load import load_params
from tests.evaluate.world import item, write_answers, write_items, write_speed

PARAMS = Path(__file__).parents[2] / "params.yaml"
BENCHMARKS: dict[str, list[dict[str, Any]]] = {
    "k-dtcbench-demo": [item(f"c{i}", "ABCD"[i % 4], layout="k-dtcbench") for i in range(8)],
    "captions-demo": [
        item(f"p{i}", f"{w} 원이 있습니다.", layout="captions") for i, w in enumerate(["빨간", "파란", "검은"])
    ],
    "instructions-demo": [item(f"s{i}", "여름", layout="short-answer") for i in range(6)],
}
ANSWERS = {
    "finetune": {
        "k-dtcbench-demo": ["A", "B", "C", "D", "정답: A", "B번", "몰라요", "A"],
        "captions-demo": ["빨간 원이 있습니다.", "파란 네모가 있습니다.", ""],
        "instructions-demo": ["여름"] * 5 + ["겨울"],
    },
    "pretrain": {
        "k-dtcbench-demo": ["그림"] * 8,
        "captions-demo": ["원", "원", "원"],
        "instructions-demo": ["여름", "봄", "봄", "봄", "봄", "겨울"],
    },
}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path)
    for name, rows in BENCHMARKS.items():
        write_items(made.benchmarks / f"{name}.parquet", rows)
    for subject, answers in ANSWERS.items():
        write_speed(made, subject)
        for name, responses in answers.items():
            write_answers(made, subject, name, responses)
    return made


def rows_of(paths: Paths) -> list[dict[str, Any]]:
    return json.loads(paths.scores.read_text(encoding="utf-8"))["scores"]


def find(rows: list[dict[str, Any]], subject: str, benchmark: str, metric: str) -> dict[str, Any]:
    return next(r for r in rows if (r["subject"], r["benchmark"], r["metric"]) == (subject, benchmark, metric))


def test_the_command_scores_without_torch(paths: Paths) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['evaluate', '--score-only', '--params', {str(PARAMS)!r}]\n"
        "runpy.run_module('components.evaluate', run_name='__main__')\n"
        "assert 'torch' not in sys.modules and 'ray' not in sys.modules\n"
        "print('alone')\n"
    )
    here = str(PARAMS.parent)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {here!r})\n{code}"],
        cwd=paths.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("alone\n")
    assert find(rows_of(paths), "finetune", "captions-demo", "cider_d")["value"] > 3


def test_all_files_are_written(paths: Paths) -> None:
    score(load_params(PARAMS), paths)
    rows = rows_of(paths)
    accuracy = find(rows, "finetune", "k-dtcbench-demo", "accuracy")
    assert (accuracy["value"], accuracy["n"], accuracy["status"]) == (0.75, 8, "measured")
    assert accuracy["versions"] == {"prompt": "test-1", "parser": "1", "decoding": "greedy"}
    assert find(rows, "pretrain", "k-dtcbench-demo", "parse_rate")["value"] == 0
    metrics = json.loads(paths.metrics.read_text(encoding="utf-8"))
    assert metrics["finetune"]["k-dtcbench-demo"]["accuracy"] == 0.75
    assert metrics["finetune"]["k-dtcbench-demo"]["accuracy_low"] == accuracy["low"]
    assert metrics["finetune"]["speed"]["tokens_per_second"] == pytest.approx(31)
    change = metrics["finetune_minus_pretrain"]["instructions-demo"]["exact_match"]
    assert change["value"] == pytest.approx(4 / 6)
    assert 0 < change["low"] < change["value"] < change["high"] <= 1
    table = list(csv.DictReader(paths.table.read_text(encoding="utf-8").splitlines()))
    accuracies = {row["subject"]: row["value"] for row in table if row["metric"] == "accuracy"}
    assert accuracies == {"finetune": "0.75", "pretrain": "0.0"}
    answers, _ = read_predictions(paths.predictions / "finetune/k-dtcbench-demo.parquet")
    assert answers["parsed"].tolist()[4:6] == ["A", "B"]
    assert answers["parsed"].isna().tolist()[4:7] == [False, False, True]
    assert answers["score"].tolist() == [1, 1, 1, 1, 1, 1, 0, 0]


def test_every_benchmark_has_a_row_of_all_three(paths: Paths) -> None:
    score(load_params(PARAMS), paths)
    rows = rows_of(paths)
    benchmarks = {row["benchmark"] for row in rows}
    assert benchmarks >= {*BENCHMARKS, *SUITE, "speed"}
    for benchmark in benchmarks:
        assert {row["subject"] for row in rows if row["benchmark"] == benchmark} >= {
            "finetune",
            "pretrain",
            BASELINE,
        }
    lines = [(row["subject"], row["benchmark"], row["metric"]) for row in rows]
    assert len(lines) == len(set(lines))
    for row in rows:
        assert (row["value"] is None) == (row["status"] in ("missing", "not run"))
        assert row["value"] is not None or row["reason"]
        assert row["status"] != "published" or (row["source"] and row["condition"])


def test_no_published_figure_stands_on_a_demo_benchmark(paths: Paths) -> None:
    score(load_params(PARAMS), paths)
    rows = [row for row in rows_of(paths) if row["benchmark"].endswith("-demo")]
    assert not [row for row in rows if row["status"] == "published"]
    missing = [row for row in rows if row["subject"] == BASELINE]
    assert {row["status"] for row in missing} == {"missing"}
    assert all("a demo benchmark" in row["reason"] for row in missing)


def test_what_needs_a_judge_or_a_model_is_not_run(paths: Paths) -> None:
    score(load_params(PARAMS), paths)
    rows = rows_of(paths)
    for benchmark, metric in (("K-LLaVA-W", "relative_score"), ("AIKU complex OCR", "judge_accuracy")):
        row = find(rows, "finetune", benchmark, metric)
        assert (row["status"], row["reason"]) == ("not run", "no judge endpoint configured")
    assert find(rows, "finetune", "captions-demo", "kr_sbert")["status"] == "not run"


def test_answers_to_other_items_are_refused(paths: Paths) -> None:
    write_items(paths.benchmarks / "instructions-demo.parquet", [item("new", "여름")])
    with pytest.raises(ValueError, match="answers to other items than instructions-demo now has"):
        score(load_params(PARAMS), paths)


def test_missing_answers_are_named(paths: Paths) -> None:
    (paths.predictions / "pretrain/captions-demo.parquet").unlink()
    with pytest.raises(FileNotFoundError, match="pretrain/captions-demo"):
        score(load_params(PARAMS), paths)


def test_published_figures_keep_source_and_scale() -> None:
    rows = published_rows(set())
    kollava = [row for row in rows if row.subject == BASELINE]
    assert {row.benchmark for row in kollava} == {"AIKU simple OCR (text->bbox)", "AIKU simple OCR, top-400"}
    values = {(row.benchmark, row.metric): row.value for row in kollava}
    assert values["AIKU simple OCR (text->bbox)", "mean_iou"] == 0.0587
    assert values["AIKU simple OCR (text->bbox)", "iou_50"] == pytest.approx(0.0445)
    assert all(0 <= (row.value or 0) <= 1 for row in rows if row.metric == "accuracy")


def test_an_ingested_benchmark_takes_its_published_figures_along() -> None:
    rows = published_rows({"k-dtcbench"})
    assert any(row.benchmark == "k-dtcbench" for row in rows)
    assert not any(row.benchmark == "K-DTCBench" for row in rows)


def test_an_unknown_metric_names_its_line(tmp_path: Path) -> None:
    copy = tmp_path / "baselines.csv"
    copy.write_text(FILE.read_text(encoding="utf-8").replace("mean_IoU", "other", 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"line \d+: metric 'other' is none of"):
        published_rows(set(), copy)


def test_a_paired_difference_is_narrower_than_the_items_spread() -> None:
    base = [i / 100 for i in range(100)]
    first = pd.DataFrame({"item_id": [str(i) for i in range(100)], "score": base})
    second = first.assign(score=[value + 0.01 + 0.001 * (i % 3) for i, value in enumerate(base)])
    groups = pd.Series([""] * 100, index=first["item_id"])
    change = paired_difference(second, first, groups, Settings(0.95, 300, 1))
    assert change["value"] == pytest.approx(0.011, abs=1e-4)
    assert change["low"] is not None and change["low"] > 0.0105
