"""From stored answers to scores, comparison and metrics, in a process without torch."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.evaluate.judge.cases import Judged
from components.evaluate.judgements import write_judgements
from components.evaluate.paths import Paths
from components.evaluate.predict.predictions import read_predictions
from components.evaluate.published.suite import SUITE
from components.evaluate.published.table import FILE, published_rows
from components.evaluate.rows import BASELINE
from components.evaluate.score import score
from components.params.load import load_params
from components.params.schema import Params
from components.scoring.parsers import PARSER_VERSION
from components.stages.errors import Missing, Unusable
from tests.evaluate.world import write_answers, write_items, write_leaks, write_speed
from tests.scoring.world import item

PARAMS = Path(__file__).parents[2] / "params.yaml"
BENCHMARKS: dict[str, list[dict[str, Any]]] = {
    "k-dtcbench-demo": [item(f"c{i}", "ABCD"[i % 4], layout="k-dtcbench") for i in range(8)],
    "captions-demo": [
        item(f"p{i}", f"{w} 원이 있습니다.", layout="captions") for i, w in enumerate(["빨간", "파란", "검은"])
    ],
    "instructions-demo": [item(f"s{i}", "여름", layout="short-answer") for i in range(6)],
    "llava-w": [item(f"w{i}", "여름입니다.", layout="k-llava-w", context="여름 바다") for i in range(2)],
}
ANSWERS = {
    "finetune": {
        "k-dtcbench-demo": ["A", "B", "C", "D", "정답: A", "B번", "몰라요", "A"],
        "captions-demo": ["빨간 원이 있습니다.", "파란 네모가 있습니다.", ""],
        "instructions-demo": ["여름"] * 5 + ["겨울"],
        "llava-w": ["여름", "바다"],
    },
    "pretrain": {
        "k-dtcbench-demo": ["그림"] * 8,
        "captions-demo": ["원", "원", "원"],
        "instructions-demo": ["여름", "봄", "봄", "봄", "봄", "겨울"],
        "llava-w": ["", ""],
    },
    "stand-in": {
        "k-dtcbench-demo": ["A"] * 8,
        "captions-demo": ["빨간 원", "파란 원", "검은 원"],
        "instructions-demo": ["여름"] * 6,
        "llava-w": ["여름", "여름"],
    },
}
JUDGE = {
    "kind": "endpoint",
    "base_url": "http://localhost:1/v1",
    "model": "judge-2026",
    "key_env": None,
    "temperature": 0.0,
    "max_tokens": 100,
    "repeats": 1,
    "swap": False,
    "min_coverage": 0.9,
    "timeout_s": 1.0,
    "concurrency": 1,
    "max_attempts": 1,
    "price": None,
}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path)
    for name, rows in BENCHMARKS.items():
        write_items(made.benchmarks / f"{name}.parquet", rows)
    for number, (subject, answers) in enumerate(ANSWERS.items()):
        write_speed(made, subject, decode=1.0 + number)
        for name, responses in answers.items():
            write_answers(made, subject, name, responses)
    write_leaks(made, [])
    return made


def params(**evaluate: Any) -> Params:
    given = load_params(PARAMS).model_dump()
    given["evaluate"] |= evaluate
    return Params.model_validate(given)


def rows_of(paths: Paths) -> list[dict[str, Any]]:
    return json.loads(paths.scores.read_text(encoding="utf-8"))["scores"]


def find(rows: list[dict[str, Any]], subject: str, benchmark: str, metric: str) -> dict[str, Any]:
    return next(r for r in rows if (r["subject"], r["benchmark"], r["metric"]) == (subject, benchmark, metric))


def comparison(paths: Paths) -> dict[str, Any]:
    return json.loads((paths.comparison / "comparison.json").read_text(encoding="utf-8"))


def test_the_command_scores_without_torch(paths: Paths) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['evaluate', '--score-only', '--params', {str(PARAMS)!r}]\n"
        "runpy.run_module('components.evaluate', run_name='__main__')\n"
        "assert not {'torch', 'ray', 'openai'} & set(sys.modules)\n"
        "print('alone')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(PARAMS.parent)!r})\n{code}"],
        cwd=paths.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("alone\n")
    assert find(rows_of(paths), "finetune", "captions-demo", "cider_d")["value"] > 3


def test_all_files_are_written(paths: Paths) -> None:
    score(params(), paths)
    rows = rows_of(paths)
    accuracy = find(rows, "finetune", "k-dtcbench-demo", "accuracy")
    assert (accuracy["value"], accuracy["n"], accuracy["status"]) == (0.75, 8, "measured")
    versions = accuracy["versions"]
    assert (versions["prompt"], versions["decoding"], versions["judge"]) == ("test-1", "greedy", "none")
    assert (versions["parser"], len(versions["items"])) == (PARSER_VERSION, 12)
    assert find(rows, "pretrain", "k-dtcbench-demo", "parse_rate")["value"] == 0
    metrics = json.loads(paths.metrics.read_text(encoding="utf-8"))
    assert metrics["finetune"]["k-dtcbench-demo"]["accuracy"] == 0.75
    assert metrics["finetune"]["k-dtcbench-demo"]["accuracy_low"] == accuracy["low"]
    assert metrics["finetune"]["speed"]["tokens_per_second"] == pytest.approx(31)
    assert metrics["finetune"]["speed"]["tokens_per_second_batched"] == pytest.approx(124)
    change = metrics["finetune_minus_pretrain"]["instructions-demo"]["exact_match"]
    assert change["value"] == pytest.approx(4 / 6)
    assert 0 < change["low"] < change["value"] < change["high"] <= 1
    table = list(csv.DictReader(paths.table.read_text(encoding="utf-8").splitlines()))
    accuracies = {row["subject"]: row["value"] for row in table if row["metric"] == "accuracy"}
    assert accuracies == {"finetune": "0.75", "pretrain": "0.0", "stand-in": "0.25"}
    answers, _ = read_predictions(paths.predictions / "finetune/k-dtcbench-demo.parquet")
    assert answers["parsed"].tolist()[4:6] == ["A", "B"]
    assert answers["parsed"].isna().tolist()[4:7] == [False, False, True]
    assert answers["score"].tolist() == [1, 1, 1, 1, 1, 1, 0, 0]


def test_the_run_is_compared_with_everyone_else(paths: Paths) -> None:
    score(params(), paths)
    results = comparison(paths)
    assert {(one["first"], one["second"]) for one in results["comparisons"]} == {
        ("finetune", "pretrain"),
        ("finetune", "stand-in"),
    }
    one = next(
        one
        for one in results["comparisons"]
        if (one["second"], one["benchmark"], one["metric"]) == ("stand-in", "k-dtcbench-demo", "accuracy")
    )
    assert one["paired"]["difference"]["value"] == pytest.approx(0.5)
    assert (one["paired"]["wins"], one["paired"]["ties"], one["paired"]["losses"]) == (4, 4, 0)
    assert one["fixed"] == ["c1", "c2", "c3", "c5"]
    assert one["paired"]["test"] == "McNemar, exact"
    assert one["paired"]["p_value"] == pytest.approx(2 * 0.5**4)
    assert one["p_adjusted"] >= one["paired"]["p_value"]
    assert results["refusals"] == []
    for name, word in (("report.md", "stand-in"), ("report.ko.md", "stand-in"), ("report.ko.md", "KoLLaVA")):
        assert word in (paths.comparison / name).read_text(encoding="utf-8")
    assert (paths.comparison / "comparison.png").stat().st_size > 10_000


def test_figures_that_were_not_measured_alike_are_not_compared(paths: Paths) -> None:
    write_answers(paths, "stand-in", "k-dtcbench-demo", ["A"] * 8, decoding="sampled")
    score(params(), paths)
    refused = comparison(paths)["refusals"]
    assert {(one["second"], one["benchmark"]) for one in refused} == {("stand-in", "k-dtcbench-demo")}
    assert refused[0]["what"] == {"decoding": ["greedy", "sampled"]}


def test_scores_with_and_without_what_training_shows(paths: Paths) -> None:
    leak = {"benchmark": "k-dtcbench-demo", "kind": "near image", "bits": 3, "found": 2}
    write_leaks(
        paths,
        [leak | {"item_id": name, "training": left} for name, left in (("c6", 1), ("c7", 2), ("c0", 0))],
    )
    score(params(), paths)
    accuracy = find(rows_of(paths), "finetune", "k-dtcbench-demo", "accuracy")
    assert accuracy["value"] == 0.75
    assert (accuracy["details"]["without_leaks"]["value"], accuracy["details"]["without_leaks"]["n"]) == (1.0, 6)
    assert find(rows_of(paths), "finetune", "instructions-demo", "exact_match")["details"]["without_leaks"] == {}
    effect = next(one for one in comparison(paths)["leaks"] if one["benchmark"] == "k-dtcbench-demo")
    assert (effect["items"], effect["found"], effect["left"], effect["kinds"]) == (8, 3, 2, {"near image": 3})


def test_every_benchmark_has_a_row_of_everyone(paths: Paths) -> None:
    score(params(), paths)
    rows = rows_of(paths)
    benchmarks = {row["benchmark"] for row in rows}
    assert benchmarks >= {*BENCHMARKS, *SUITE, "speed"}
    for benchmark in benchmarks:
        subjects = {row["subject"] for row in rows if row["benchmark"] == benchmark}
        assert subjects >= {"finetune", "pretrain", "stand-in", BASELINE}
    lines = [(row["subject"], row["benchmark"], row["metric"]) for row in rows]
    assert len(lines) == len(set(lines))
    for row in rows:
        assert (row["value"] is None) == (row["status"] in ("missing", "not run"))
        assert row["value"] is not None or row["reason"]
        assert row["status"] != "published" or (row["source"] and row["condition"])


def test_no_published_figure_stands_on_a_demo_benchmark(paths: Paths) -> None:
    score(params(), paths)
    rows = [row for row in rows_of(paths) if row["benchmark"].endswith("-demo")]
    assert not [row for row in rows if row["status"] == "published"]
    missing = [row for row in rows if row["subject"] == BASELINE]
    assert {row["status"] for row in missing} == {"missing"}
    assert all("a demo benchmark" in row["reason"] for row in missing)


def test_what_needs_a_judge_or_a_model_is_not_run_and_says_what_would_run_it(paths: Paths) -> None:
    score(params(), paths)
    row = find(rows_of(paths), "finetune", "llava-w", "relative_score")
    assert row["status"] == "not run"
    assert "judge: {kind: endpoint, base_url:" in row["reason"]
    missing = find(rows_of(paths), "finetune", "captions-demo", "kr_sbert")
    assert (missing["status"], "snunlp/KR-SBERT" in missing["reason"]) == ("not run", True)


def test_the_line_that_would_run_a_judge_is_one_that_params_yaml_takes() -> None:
    from ruamel.yaml import YAML

    from components.evaluate.judging import NO_JUDGE

    line = NO_JUDGE.split("`")[1].replace("<name>", "some-model")
    assert params(judge=YAML(typ="safe").load(line)["judge"]).evaluate.judge is not None


def test_judged_answers_are_scored_and_compared_by_the_same_judge_only(paths: Paths) -> None:
    for subject, rating, judge in (("finetune", 6.0, "one"), ("pretrain", 1.0, "one"), ("stand-in", 4.0, "other")):
        judged = [Judged(name, 1, [[8.0, rating]], [0]) for name in ("w0", "w1")]
        write_judgements(paths.judgements / subject / "llava-w.parquet", judged, judge)
    score(params(judge=JUDGE), paths)
    row = find(rows_of(paths), "finetune", "llava-w", "relative_score")
    assert (row["value"], row["versions"]["judge"]) == (75, "one")
    results = comparison(paths)
    compared = [one for one in results["comparisons"] if one["benchmark"] == "llava-w" and one["is_main"]]
    assert [(one["second"], one["paired"]["difference"]["value"]) for one in compared] == [("pretrain", 62.5)]
    assert {one["second"]: one["what"] for one in results["refusals"]} == {"stand-in": {"judge": ["one", "other"]}}


def test_unjudged_answers_are_named(paths: Paths) -> None:
    with pytest.raises(Missing, match=r"no judgements in .*llava-w\.parquet"):
        score(params(judge=JUDGE), paths)


def test_answers_to_other_items_are_refused(paths: Paths) -> None:
    write_items(paths.benchmarks / "instructions-demo.parquet", [item("new", "여름")])
    with pytest.raises(Unusable, match="answers to other items than instructions-demo now has"):
        score(params(), paths)


def test_missing_answers_are_named(paths: Paths) -> None:
    (paths.predictions / "pretrain/captions-demo.parquet").unlink()
    with pytest.raises(Missing, match="pretrain/captions-demo"):
        score(params(), paths)


def test_missing_leaks_are_named(paths: Paths) -> None:
    paths.leaks.unlink()
    with pytest.raises(Missing, match=r"leaks\.parquet: run `dvc repro ingest`"):
        score(params(), paths)


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
    copy = tmp_path / "figures.csv"
    copy.write_text(FILE.read_text(encoding="utf-8").replace("mean_IoU", "other", 1), encoding="utf-8")
    with pytest.raises(Unusable, match=r"line \d+: metric 'other' is none of"):
        published_rows(set(), copy)
