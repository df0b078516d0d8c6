"""The readers: what stages write comes out; missing, half-written and damaged files are named with a fix."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dashboards.records import card, comparison, curves, differences, examples, export, files, runs, scores
from dashboards.records.boxes import parse_box
from dashboards.records.comparison import Comparison, Estimate, Refusal
from dashboards.records.files import WORKSPACE, Record
from dashboards.records.illustrated import text_and_pictures
from dashboards.records.problem import RecordError
from dashboards.records.scores import Score
from tests.dashboards.world import EXPERIMENT, World, dvc, write_json, write_parquet


def record(content: bytes, name: str = "artifacts/evaluate/scores.json") -> Record:
    """A record of the given bytes."""
    return Record(name, "stamp", content)


def measured(value: float | None, n: int = 12, **more: object) -> Score:
    """A figure measured here."""
    known = {
        "subject": "finetune",
        "benchmark": "b",
        "category": "closed",
        "metric": "accuracy",
        "status": "measured",
        "value": value,
        "n": n,
        "versions": {"prompt": "1", "parser": "1", "decoding": "greedy"},
    }
    return Score(**(known | more))  # type: ignore[arg-type]


# files


def test_a_revision_is_read_from_the_cache(recorded: World) -> None:
    now = files.find(recorded.root, WORKSPACE, scores.PATH)
    then = files.find(recorded.root, recorded.experiment, scores.PATH)
    assert scores.read_scores(now).rows[0].value == 0.75
    assert scores.read_scores(then).rows[0].value == 0.5


def test_a_file_in_a_folder_of_a_revision(recorded: World) -> None:
    path = examples.prediction_path("finetune", "k-dtcbench-demo")
    assert len(examples.read_predictions(files.find(recorded.root, recorded.experiment, path))) == 12
    names = files.names(recorded.root, recorded.experiment, examples.BENCHMARKS)
    assert examples.benchmarks_in(names) == ["instructions-demo", "k-dtcbench-demo", "ocr-box-demo"]
    assert names == files.names(recorded.root, WORKSPACE, examples.BENCHMARKS)


def test_a_file_that_git_tracks(recorded: World) -> None:
    assert b"rank: 16" in files.find(recorded.root, recorded.experiment, "params.yaml").read()


def test_the_stamp_follows_the_content(world: World) -> None:
    before = files.find(world.root, WORKSPACE, scores.PATH).stamp
    write_json(world.root / scores.PATH, {"scores": []})
    assert files.find(world.root, WORKSPACE, scores.PATH).stamp != before


def test_missing_in_the_workspace_names_the_stage(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        files.find(tmp_path, WORKSPACE, scores.PATH)
    assert (caught.value.kind, caught.value.path) == ("missing", scores.PATH)
    assert caught.value.fix == "dvc repro evaluate"


def test_a_file_that_the_run_never_had(recorded: World) -> None:
    with pytest.raises(RecordError) as caught:
        files.find(recorded.root, recorded.experiment, "artifacts/evaluate/nothing.json")
    assert caught.value.kind == "absent"


def test_out_of_the_cache_says_pull_and_downloads_nothing(world: World, tmp_path: Path) -> None:
    dvc(world.root, "remote", "add", "--default", "store", str(tmp_path / "store"))
    dvc(world.root, "push", "-q", "--all-commits")
    shutil.rmtree(world.root / ".dvc/cache/files")
    path = examples.prediction_path("finetune", "k-dtcbench-demo")
    for name in (scores.PATH, path):
        with pytest.raises(RecordError) as caught:
            files.find(world.root, world.commit, name)
        assert caught.value.kind == "not cached"
        assert caught.value.fix == f"dvc pull --all-commits {name}"
    assert not (world.root / ".dvc/cache/files").exists()
    dvc(world.root, "pull", "-q", "--force", scores.PATH)
    assert scores.read_scores(files.find(world.root, world.commit, scores.PATH)).rows


def test_a_file_that_vanishes_between_finding_and_reading(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="missing"):
        Record("reports/finetune/loss.csv", "stamp", tmp_path / "gone.csv").read()


# runs


def test_runs_of_the_repository(recorded: World) -> None:
    listed = runs.show_runs(recorded.root, commits=5)
    assert [run.kind for run in listed] == ["workspace", "commit", "experiment"]
    assert listed[2].name == EXPERIMENT
    assert (listed[2].params["finetune.lora.rank"], listed[2].params["profile"]) == (16, "demo")
    assert listed[2].metrics["evaluate.finetune.k-dtcbench-demo.accuracy"] == 0.5
    assert listed[1].metrics["export.int8.size_mb"] == 3.4


def test_the_list_of_runs_is_renewed_when_metrics_change(world: World) -> None:
    before = runs.state_stamp(world.root)
    assert runs.state_stamp(world.root) == before
    write_json(world.root / "reports/export/metrics.json", {"size_mb": 1.0})
    assert runs.state_stamp(world.root) != before


def test_a_folder_without_dvc_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        runs.show_runs(tmp_path, commits=1)
    assert caught.value.kind == "tool"
    assert caught.value.fix == "dvc init && make demo"


def test_a_run_that_dvc_cannot_read_keeps_its_error() -> None:
    rows = [{"rev": "0123456789", "name": "main", "data": None, "error": {"msg": "bad yaml", "type": "YAMLError"}}]
    (run,) = runs.parse_runs(json.dumps(rows))
    assert run.error == "bad yaml"
    assert not runs.is_empty(run)


@pytest.mark.parametrize("text", ["", "{", '[{"name": 1}]', "[1]"])
def test_what_dvc_prints_may_be_anything(text: str) -> None:
    with pytest.raises(RecordError, match="damaged"):
        runs.parse_runs(text)


# scores


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b'{"scores": [', "Expecting"),
        (b"\xff\xfe", "utf-8"),
        (b"[]", "JSON object"),
        (b"{}", "'scores'"),
        (b'{"scores": [1]}', "scores[0]"),
        (b'{"scores": [{"subject": "a"}]}', "scores[0].benchmark"),
    ],
)
def test_damaged_scores_name_the_field(content: bytes, named: str) -> None:
    with pytest.raises(RecordError) as caught:
        scores.read_scores(record(content))
    assert caught.value.kind == "damaged"
    assert named in caught.value.detail
    assert "dvc checkout --force artifacts/evaluate/scores.json" in caught.value.fix


@pytest.mark.parametrize(
    ("key", "value"), [("status", "guessed"), ("category", "vision"), ("value", "0.5"), ("n", True)]
)
def test_a_wrong_field_is_named(key: str, value: object) -> None:
    row = {
        "subject": "finetune",
        "benchmark": "b",
        "category": "ocr",
        "metric": "m",
        "status": "measured",
        key: value,
    }
    with pytest.raises(RecordError, match=rf"scores\[0\]\.{key}"):
        scores.read_scores(record(json.dumps({"scores": [row]}).encode()))


def test_a_difference_of_two_figures_measured_alike() -> None:
    found = differences.difference(measured(0.75), measured(0.5, subject="KoLLaVA-7B"))
    assert found.value == pytest.approx(0.25)
    assert found.better is True


def test_lower_may_be_better() -> None:
    run, base = (measured(value, higher_is_better=False, metric="cer") for value in (0.2, 0.3))
    assert differences.difference(run, base).better is True
    assert differences.difference(run, run).better is None


def test_overlapping_intervals_are_noticed() -> None:
    run = measured(0.6, low=0.5, high=0.7)
    assert differences.difference(run, measured(0.5, low=0.4, high=0.6)).overlapping
    assert not differences.difference(run, measured(0.3, low=0.2, high=0.4)).overlapping
    assert not differences.difference(run, measured(0.5)).overlapping


@pytest.mark.parametrize(
    ("baseline", "obstacle"),
    [
        (None, "no row"),
        (measured(0.5, status="published"), "published"),
        (measured(None, status="missing"), "missing"),
        (measured(None, status="not run"), "not run"),
        (measured(None), "no value"),
        (measured(0.5, versions={"prompt": "2", "parser": "1", "decoding": "greedy"}), "versions"),
        (measured(0.5, n=4000), "items"),
    ],
)
def test_no_difference_between_unlike_figures(baseline: Score | None, obstacle: str) -> None:
    found = differences.difference(measured(0.75), baseline)
    assert (found.value, found.obstacle) == (None, obstacle)


def test_speeds_under_other_conditions_are_not_compared() -> None:
    here = measured(200.0, category="latency", condition="2 cores")
    there = measured(400.0, category="latency", condition="a GPU")
    assert differences.difference(here, there).obstacle == "condition"
    assert differences.difference(here, here).value == 0
    assert differences.difference(measured(0.5, condition="a"), measured(0.5, condition="b")).value == 0


def test_the_paired_change_of_two_models(recorded: World) -> None:
    found = files.find(recorded.root, WORKSPACE, differences.METRICS)
    change = differences.read_changes(found, "finetune", "pretrain")["k-dtcbench-demo", "accuracy"]
    assert (change.value, change.n, change.includes_zero) == (0.5, 12, False)
    assert differences.read_changes(found, "finetune", "stand-in")["ocr-box-demo", "mean_iou"].value > 0.5
    assert differences.read_changes(found, "finetune", "KoLLaVA-7B") == {}


def test_a_damaged_change_is_named() -> None:
    damaged = record(b'{"finetune_minus_pretrain": {"b": {"accuracy": 0.5}}}', differences.METRICS)
    with pytest.raises(RecordError, match="finetune_minus_pretrain"):
        differences.read_changes(damaged, "finetune", "pretrain")


def test_a_measured_figure_goes_before_a_published_one() -> None:
    both = [measured(0.4, status="published"), measured(0.5)]
    found = scores.lookup(both, "finetune", "b", "accuracy")
    assert found is not None and found.value == 0.5


def test_scores_name_the_main_model_and_what_others_are(recorded: World) -> None:
    found = scores.read_scores(files.find(recorded.root, WORKSPACE, scores.PATH))
    assert found.main == "finetune"
    assert "not KoLLaVA" in found.labels["stand-in"]
    older = scores.read_scores(record(b'{"scores": []}'))
    assert (older.main, older.labels) == ("finetune", {})


def test_measured_rivals_go_first_and_the_standing_baseline_is_always_among_them() -> None:
    assert scores.rivals(scores.Scores([measured(0.5)])) == ["KoLLaVA-7B"]
    rows = [
        measured(0.4, subject="published-7b", status="published"),
        measured(0.5, subject="pretrain"),
        measured(0.6),
        measured(0.5, subject="stand-in"),
    ]
    assert scores.rivals(scores.Scores(rows)) == ["pretrain", "stand-in", "KoLLaVA-7B", "published-7b"]
    rows.append(measured(0.3, subject="KoLLaVA-7B"))
    assert scores.rivals(scores.Scores(rows))[0] == "KoLLaVA-7B"
    assert "pretrain" not in scores.rivals(scores.Scores(rows, main="pretrain"))


def test_parts_of_a_figure() -> None:
    parts = {"표": {"value": 0.4, "low": 0.2, "high": 0.6, "n": 5}}
    rest = {"value": 0.7, "low": None, "high": None, "n": 9}
    score = measured(0.75, details={"categories": parts, "without_leaks": rest, "chance": 0.25})
    assert {name: (part.value, part.n) for name, part in score.categories.items()} == {"표": (0.4, 5)}
    assert score.without_leaks is not None and score.without_leaks.n == 9
    assert score.chance == 0.25
    bare = measured(0.75, details={"categories": {}, "without_leaks": {}})
    assert (bare.categories, bare.without_leaks, bare.chance) == ({}, None, None)


@pytest.mark.parametrize(
    ("metric", "usual"),
    [
        ("tokens_per_second", True),
        ("first_token_ms_batched", False),
        ("ms_per_token_without_image", False),
        ("end_to_end_ms_without_image_batched", False),
    ],
)
def test_usual_speeds(metric: str, usual: bool) -> None:
    assert measured(1.0, category="latency", metric=metric).is_usual is usual
    assert measured(1.0, category="ocr", metric=metric).is_usual


@pytest.mark.parametrize(
    "change",
    [
        {"main": 1},
        {"labels": ["stand-in"]},
        {"labels": {"stand-in": 1}},
        {"details": []},
        {"details": {"categories": []}},
        {"details": {"categories": {"표": 1}}},
        {"details": {"categories": {"표": {"value": "0.5"}}}},
        {"details": {"without_leaks": {"n": "12"}}},
    ],
)
def test_scores_damaged_in_their_newer_parts(change: dict[str, object]) -> None:
    row = {"subject": "a", "benchmark": "b", "category": "ocr", "metric": "m", "status": "measured"}
    content = {"scores": [row | change]} if "details" in change else {"scores": [row]} | change
    with pytest.raises(RecordError, match=r"main|labels|details"):
        scores.read_scores(record(json.dumps(content).encode()))


# comparison


def read_recorded(world: World) -> comparison.Comparisons:
    """The workspace's comparison."""
    return comparison.read_comparisons(files.find(world.root, WORKSPACE, comparison.PATH))


def test_paired_comparisons_of_the_own_model(recorded: World) -> None:
    found = read_recorded(recorded)
    assert found.significance == pytest.approx(0.05)
    weak, strong = (found.of("finetune", name)["k-dtcbench-demo", "accuracy"] for name in ("pretrain", "stand-in"))
    assert isinstance(weak, Comparison) and isinstance(strong, Comparison)
    assert (weak.difference.value, strong.difference.value) == (0.5, 0.75)
    assert (weak.wins, weak.ties, weak.losses) == (6, 6, 0)
    assert weak.smallest_visible is not None and weak.smallest_visible > 0.5
    assert weak.is_better(found.significance) is None  # a p of .03, until it is corrected
    assert strong.is_better(found.significance) is True
    assert set(strong.categories) == {"간판", "도표"}
    assert found.of("finetune", "KoLLaVA-7B") == {}


def test_a_secondary_figure_gets_no_verdict(recorded: World) -> None:
    found = read_recorded(recorded).of("finetune", "pretrain")["ocr-box-demo", "parse_rate"]
    assert isinstance(found, Comparison)
    assert (found.is_main, found.p_adjusted, found.is_better(1.0)) == (False, None, None)


def test_a_refusal_says_what_differs(recorded: World) -> None:
    found = read_recorded(recorded).of("finetune", "stand-in")["captions-demo", "cider_d"]
    assert found == Refusal({"prompt": ("2026-08", "2025-03")})


@pytest.mark.parametrize(
    ("value", "higher", "p", "better"),
    [(0.2, True, 0.01, True), (0.2, False, 0.01, False), (-0.2, False, 0.05, True), (0.2, True, 0.06, None)],
)
def test_a_verdict_needs_a_p_value(value: float, higher: bool, p: float, better: bool | None) -> None:
    estimate = Estimate(value, -0.1, 0.5)
    found = Comparison(True, higher, estimate, p / 2, p, 3, 2, 1, 0.3, {})
    assert found.is_better(0.05) is better
    assert estimate.includes_zero


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("settings",), {}, "settings"),
        (("comparisons",), None, "comparisons"),
        (("comparisons", 0, "paired"), None, "comparisons[0]"),
        (("comparisons", 1, "paired", "p_value"), "0.01", "comparisons[1]: ValueError: p_value"),
        (("comparisons", 0, "paired", "wins"), None, "comparisons[0]"),
        (("comparisons", 0, "paired", "difference"), {"value": 1}, "comparisons[0]: KeyError: 'low'"),
        (("comparisons", 0, "categories"), [{}], "comparisons[0]"),
        (("refusals", 0, "what"), {"prompt": ["one"]}, "refusals[0]"),
        (("refusals", 0, "first"), [], "refusals[0]"),
    ],
)
def test_a_damaged_comparison_is_named(recorded: World, path: tuple[str | int, ...], value: object, named: str) -> None:
    content = json.loads((recorded.root / comparison.PATH).read_text(encoding="utf-8"))
    *way, last = path
    place = content
    for step in way:
        place = place[step]
    place[last] = value
    with pytest.raises(RecordError) as caught:
        comparison.read_comparisons(record(json.dumps(content).encode(), comparison.PATH))
    assert caught.value.kind == "damaged"
    assert named in caught.value.detail


# tables


def test_a_line_still_being_written_is_left_out() -> None:
    table = curves.read_training(record(b"step,loss,learning_rate\n1,2.0,0.1\n2,1.", curves.training_path("finetune")))
    assert table["step"].tolist() == [1]


def test_an_empty_log_has_no_rows() -> None:
    assert curves.read_validation(record(b"", curves.validation_path("finetune"))).empty


@pytest.mark.parametrize("content", [b"step,loss\nx,y\n", b"step\n1\n", b"step,loss\n1,2\n1,2,3,4\n", b"\xff\n"])
def test_a_damaged_log_is_named(content: bytes) -> None:
    with pytest.raises(RecordError) as caught:
        curves.read_validation(record(content, "reports/pretrain/validation.csv"))
    assert (caught.value.kind, caught.value.path) == ("damaged", "reports/pretrain/validation.csv")


def test_a_cut_parquet_is_damaged(world: World) -> None:
    path = world.root / examples.benchmark_path("ocr-box-demo")
    content = path.read_bytes()
    for part in (b"", content[:100], content[: len(content) // 2]):
        cut = record(part, examples.benchmark_path("ocr-box-demo"))
        with pytest.raises(RecordError, match="damaged"):
            examples.read_items(cut)
        with pytest.raises(RecordError, match="damaged"):
            examples.read_images(cut, ["ocr-box-demo-000"])


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write_parquet(tmp_path / "p.parquet", [{"item_id": "a", "response": "b"}])
    with pytest.raises(RecordError, match="no column parsed, score"):
        examples.read_predictions(record((tmp_path / "p.parquet").read_bytes()))


# examples, boxes, card, export


def test_items_stand_beside_both_answers(recorded: World) -> None:
    find = lambda path: files.find(recorded.root, WORKSPACE, path)  # noqa: E731
    items = examples.read_items(find(examples.benchmark_path("k-dtcbench-demo")))
    answers = {
        subject: examples.read_predictions(find(examples.prediction_path(subject, "k-dtcbench-demo")))
        for subject in ("finetune", "pretrain")
    }
    table = examples.join(items, answers)
    assert len(table) == 12
    assert table["score_finetune"].sum() == 9
    assert table["score_pretrain"].sum() == 3
    assert examples.is_binary(table)
    assert not examples.is_binary(table.assign(score_pretrain=0.5))
    ahead = examples.ahead(table, "finetune", "pretrain", lower=False)
    assert list(table.loc[ahead, "item_id"]) == [f"k-dtcbench-demo-{index:03d}" for index in range(3, 9)]
    assert not examples.ahead(table, "finetune", "pretrain", lower=True).any()


def test_error_rates_are_better_when_low() -> None:
    rows = [measured(0.1, higher_is_better=False, benchmark="x"), measured(0.5, benchmark="y")]
    assert examples.lower_is_better(rows, "x")
    assert not examples.lower_is_better(rows, "y")


def test_models_with_answers(recorded: World) -> None:
    names = files.names(recorded.root, recorded.experiment, examples.PREDICTIONS)
    assert examples.subjects_in(names) == ["finetune", "pretrain", "stand-in"]
    assert examples.benchmarks_in(names) == ["instructions-demo", "k-dtcbench-demo", "ocr-box-demo"]


def test_only_asked_pictures_are_read(recorded: World) -> None:
    found = files.find(recorded.root, WORKSPACE, examples.benchmark_path("instructions-demo"))
    pictures = examples.read_images(found, ["instructions-demo-000", "instructions-demo-003"])
    assert list(pictures) == ["instructions-demo-003"]  # the first has no picture
    assert pictures["instructions-demo-003"].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("[0.1,0.2,0.3,0.4]", (0.1, 0.2, 0.3, 0.4)),
        ("답: [ .1, 0.2, 1, 1.0 ]입니다", (0.1, 0.2, 1.0, 1.0)),
        ("[0.3,0.2,0.1,0.4]", None),
        ("[0.1,0.2,0.3]", None),
        ("[10,20,30,40]", None),
        ("서울역", None),
        (None, None),
    ],
)
def test_boxes(text: str | None, box: tuple[float, ...] | None) -> None:
    assert parse_box(text) == box


def test_the_data_card(recorded: World) -> None:
    data = card.read_card(files.find(recorded.root, recorded.experiment, card.CARD))
    found = data.samples.set_index(["stage", "source", "split"])["samples"]
    assert found["pretrain", "demo-captions", "train"] == 120
    assert found["finetune", "demo-charts", "test"] == 6
    assert data.sources["refused"].sum() == data.reasons["count"].sum() == 7
    assert len(card.read_rejects(files.find(recorded.root, WORKSPACE, card.REJECTS))) == 7


def test_the_data_card_holds_mixture_leaks_and_licences(recorded: World) -> None:
    data = card.read_card(files.find(recorded.root, WORKSPACE, card.CARD))
    assert data.mixture.groupby("stage")["token_share"].sum().to_dict() == {"pretrain": 1.0, "finetune": 1.0}
    assert data.leaks.loc[0, "benchmark"] == "ocr-box-demo" and data.leaks.loc[0, "samples"] == 5
    assert data.duplicates == {"exact": 1234, "near": 3, "removed": 7}
    users = data.licences.set_index("commercial")["sources"].to_dict()
    assert users == {"yes": "demo-captions", "no": "demo-signs", "ask": "demo-charts"}


@pytest.mark.parametrize(
    "change",
    [
        {"mixture": {"pretrain": [{"source": "a"}]}},
        {"mixture": []},
        {"leaks": [{"benchmark": "a"}]},
        {"licences": {"cc0": {"title": "CC0", "commercial": "maybe", "conditions": {}, "link": ""}}},
        {"licences": {"cc0": {"title": "CC0", "commercial": "no", "conditions": {"ko": "가"}, "link": ""}}},
        {"duplicates": {"exact": 1}},
        {"duplicates": {"exact": "many", "near": 0, "removed": 0}},
    ],
)
def test_a_card_damaged_in_its_newer_parts(recorded: World, change: dict[str, object]) -> None:
    content = json.loads((recorded.root / card.CARD).read_text(encoding="utf-8")) | change
    with pytest.raises(RecordError, match="damaged"):
        card.read_card(record(json.dumps(content).encode(), card.CARD))


def test_a_text_is_cut_up_at_its_own_pictures_alone() -> None:
    text = "a\n![x](mixture.png)\nb\n![y](examples/a-0.jpg)\n![z](examples/../../secret.jpg) ![w](/etc/passwd)\n"
    parts = list(text_and_pictures(text, "artifacts/ingest", card.PICTURES))
    pictures = [picture for _, picture in parts]
    assert pictures == ["artifacts/ingest/mixture.png", "artifacts/ingest/examples/a-0.jpg", None]
    assert "secret" in parts[-1][0] and "passwd" in parts[-1][0]


def test_the_report_is_cut_up_at_its_picture(recorded: World) -> None:
    for path in comparison.REPORTS.values():
        text = files.find(recorded.root, WORKSPACE, path).read().decode("utf-8")
        parts = list(text_and_pictures(text, comparison.FOLDER, comparison.PICTURES))
        assert [picture for _, picture in parts] == [f"{comparison.FOLDER}/comparison.png", None]
        assert (recorded.root / comparison.FOLDER / "comparison.png").is_file()


@pytest.mark.parametrize("content", [b"{}", b'{"sources": [1]}', b'{"sources": [{"name": "a"}]}', b'{"sources": null}'])
def test_a_damaged_card(content: bytes) -> None:
    with pytest.raises(RecordError, match="damaged"):
        card.read_card(record(content, card.CARD))


def test_the_export_report(recorded: World) -> None:
    report = export.read_export(files.find(recorded.root, WORKSPACE, export.PATH))
    assert list(report.bundles["name"]) == ["int8", "int4"]
    assert report.bundles["refused"][0] == "" and "limits.top1" in report.bundles["refused"][1]
    assert list(report.bundles["top1"]) == [0.987, 0.931]
    assert list(report.bundles["form"]) == ["int8-7of8"] * 2
    refused = export.RefusedForm("int8", "limits.kl_mean: found 0.02, at most 0.01 is allowed")
    assert report.bundles["refused_forms"][0] == [refused]
    assert len(report.divergences) == 6
    assert list(report.scores["difference"]) == [-0.01, -0.01]
    assert set(report.left_out["reason"]) == {"a judge rates its answers"}
    assert report.speed.groupby("with_image")["tokens_per_second"].max().to_dict() == {False: 506.0, True: 506.0}
    assert report.model_mb == 8.4


@pytest.mark.parametrize(
    ("change", "named"),
    [({"bundles": None}, "TypeError"), ({"bundles": [{"name": "a"}]}, "quality"), ({"speed": {}}, "rows")],
)
def test_a_damaged_export_report(recorded: World, change: dict[str, object], named: str) -> None:
    report = json.loads((recorded.root / export.PATH).read_text(encoding="utf-8")) | change
    with pytest.raises(RecordError, match=named):
        export.read_export(record(json.dumps(report).encode(), export.PATH))
