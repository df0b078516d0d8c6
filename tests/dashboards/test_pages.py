"""Each page over the recorded repository, and over one whose files are missing or damaged."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup

from components.bundles.serving.app import make_app
from dashboards.records.export import PATH, REFUSED
from dashboards.texts import TEXTS, translate
from tests.bundles.said import Said
from tests.bundles.served import served
from tests.dashboards.world import APP, LABELS, World, dvc, environment, run, write_json

PAGES = ("runs", "compare", "curves", "examples", "data", "export", "try_it")
REPOSITORY = APP.parents[1]
TIMEOUT = 600


def open_page(name: str) -> AppTest:
    """The page, after its first run."""
    return AppTest.from_file(str(APP), default_timeout=TIMEOUT).run().switch_page(f"views/{name}.py").run()


def open_in(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page over another repository."""
    monkeypatch.chdir(root)
    st.cache_data.clear()
    return open_page(name)


def said(page: AppTest) -> str:
    """All messages of a page."""
    return "\n".join(str(box.value) for box in [*page.error, *page.warning, *page.info])


def tables(page: AppTest) -> str:
    """All cells of the static tables."""
    return "\n".join(str(cell) for table in page.table for cell in table.value.to_numpy().ravel())


def texts_of(page: AppTest) -> list[str]:
    """All plain texts."""
    return [str(element.value) for element in page.text]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_both_languages(in_repository: World, name: str, language: str) -> None:
    page = open_page(name)
    page.session_state["language"] = language
    page.run()
    assert not page.exception
    assert not page.error
    assert page.title[0].value == translate(f"{name}_title", language)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_repository_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    run(tmp_path, "git", "init", "-q")
    dvc(tmp_path, "init", "-q")
    page = open_in(tmp_path, name, monkeypatch)
    assert not page.exception
    assert "make demo" in said(page) or "dvc" in said(page)


def test_runs_are_listed_filtered_and_sorted(in_repository: World) -> None:
    page = open_page("runs")
    table = page.dataframe[0].value
    assert list(table["LoRA 랭크"]) == [8, 8, 16]
    page.selectbox[0].set_value("finetune · validation_loss").run()
    values = list(page.dataframe[0].value["finetune · validation_loss"])
    assert values == sorted(values, reverse=True)
    page.text_input[0].set_value("lora").run()
    assert list(page.dataframe[0].value["LoRA 랭크"]) == [16]
    page.text_input[0].set_value("nothing").run()
    assert TEXTS["runs_no_match"][0] in said(page)


def test_compare_labels_each_figure(in_repository: World) -> None:
    page = open_page("compare")
    assert [box.value for box in page.subheader] == [
        TEXTS[f"category_{name}"][0] for name in ("closed", "open", "latency", "captioning", "ocr", "culture")
    ]
    assert page.selectbox[1].value == "KoLLaVA-7B"
    cells = tables(page)
    for wanted in (
        "여기서 측정",
        ":blue-badge[발표값]  \n:small[:gray[AIKU 2024]]",
        "없음",
        ":gray-badge[실행 안 함]  \n:small[:gray[needs a GPU]]",
        "n=12",
        "우연 수준 0.250",
        "누출 제외 **0.763**",
    ):
        assert wanted in cells
    assert "비교 불가: 판이 다름: prompt" in cells
    assert "비교 불가: KoLLaVA-7B 값은 발표값이고 여기서 재지 않음" in cells
    assert cells.count("구간이 겹침") == 2  # accuracy and error rate, with intervals that overlap


def test_compare_shows_paired_differences_of_measured_models(in_repository: World) -> None:
    page = open_page("compare")
    page.selectbox[1].set_value("stand-in").run()
    assert not page.exception
    first = page.table[0].value.iloc[0]
    difference = first[TEXTS["difference_to"][0].format(name="stand-in")]
    assert difference.startswith(":green[**+0.750** 더 나음]")
    assert re.search(r"\np.=.0\.0\d\d$", difference)
    assert first[TEXTS["win_tie_loss"][0]].split() == ["9", "/", "3", "/", "0"]
    assert float(first[TEXTS["smallest"][0]]) > 0.5
    assert "비교 불가: 다른 것: 프롬프트 (2026-08 / 2025-03)" in tables(page)
    assert "비교 불가: 조건이 다름: fp32, 2 cores / fp32, another machine" in tables(page)


def test_compare_keeps_differences_grey_that_are_not_shown(in_repository: World) -> None:
    page = open_page("compare")
    page.selectbox[1].set_value("pretrain").run()
    assert all("KoLLaVA-7B" in table.value.columns for table in page.table[:-1])
    main, second = page.table[0].value.iloc[:2][TEXTS["difference_to"][0].format(name=TEXTS["pretrain"][0])]
    assert main.startswith(":gray[**+0.500** 차이를 보이지 못함]")
    assert ":green[" not in main + second
    assert "보정 전 p" in second


def test_compare_says_what_a_model_is_wherever_it_is_a_column(in_repository: World) -> None:
    page = open_page("compare")
    page.selectbox[1].set_value("stand-in").run()
    headings = [[name for name in table.value.columns if name.startswith("stand-in  ")] for table in page.table]
    assert len(headings) == 8  # six categories, further speeds, categories of items
    assert all(len(found) == 1 and LABELS["stand-in"] in found[0] for found in headings)


def test_compare_shows_usual_speeds_before_the_others(in_repository: World) -> None:
    page = open_page("compare")
    speeds = [list(table.value[TEXTS["metric"][0]]) for table in page.table if "speed" in table.value.to_numpy()]
    assert [len(names) for names in speeds] == [5, 15]
    others = next(box for box in page.expander if box.label == TEXTS["other_situations"][0])
    assert list(others.table[0].value[TEXTS["metric"][0]]) == speeds[1]


def test_compare_by_category_of_items(in_repository: World) -> None:
    page = open_page("compare")
    page.selectbox[1].set_value("stand-in").run()
    page.selectbox[2].set_value(("ocr-box-demo", "mean_iou")).run()
    assert not page.exception
    table = next(box for box in page.expander if box.label == TEXTS["by_category"][0]).table[0].value
    assert list(table[TEXTS["category"][0]]) == ["간판", "도표"]
    first, second = table[TEXTS["difference_to"][0].format(name="stand-in")]
    assert first.startswith(":green[**+0.658** 더 나음]")  # 5 of 6 boxes, at 1.00 rather than .21
    assert "**+0.527**" in second


def test_compare_by_category_with_a_model_without_categories(in_repository: World) -> None:
    page = open_page("compare")
    page.selectbox[2].set_value(("ocr-box-demo", "mean_iou")).run()
    table = next(box for box in page.expander if box.label == TEXTS["by_category"][0]).table[0].value
    assert list(table["KoLLaVA-7B"]) == ["–", "–"]
    cells = table[TEXTS["difference_to"][0].format(name="KoLLaVA-7B")]
    assert all("KoLLaVA-7B 값은 발표값" in cell for cell in cells)


@pytest.mark.parametrize(("language", "words"), [("ko", "# 모델 비교"), ("en", "# Comparison of models")])
def test_compare_shows_the_report_with_its_picture(in_repository: World, language: str, words: str) -> None:
    page = open_page("compare")
    page.session_state["language"] = language
    page.run()
    report = next(box for box in page.expander if box.label == translate("report", language))  # type: ignore[arg-type]
    assert report.markdown[0].value.startswith(words)
    assert len(page.image) == 1


def test_compare_without_the_reports_picture(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.root / "artifacts/evaluate/comparison/comparison.png").unlink()
    page = open_in(world.root, "compare", monkeypatch)
    assert not page.exception
    assert "`artifacts/evaluate/comparison/comparison.png`" in said(page)


def test_compare_a_run_from_before_there_were_comparisons(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(world.root / "artifacts/evaluate/comparison")
    path = world.root / "artifacts/evaluate/scores.json"
    rows = [{**row, "details": {}} for row in json.loads(path.read_text(encoding="utf-8"))["scores"]]
    write_json(path, {"scores": rows})
    page = open_in(world.root, "compare", monkeypatch)
    page.selectbox[1].set_value("pretrain").run()
    assert not page.exception and not said(page)
    cells = tables(page)
    assert ":green[**+0.500** 더 나음]  문항별 짝 비교 \\[+0.167, +0.833\\] n=12" in cells
    assert TEXTS["changes_help"][0] in [box.value for box in page.caption]
    labels = [box.label for box in page.expander]
    assert TEXTS["report"][0] not in labels and TEXTS["by_category"][0] not in labels


def test_compare_two_runs(in_repository: World) -> None:
    page = open_page("compare")
    other = next(option for option in page.selectbox[1].options if "lora-16" in option)
    page.selectbox[1].select(other).run()
    assert not page.exception
    assert "+0.250" in tables(page)
    assert TEXTS["unpaired_help"][0] in [box.value for box in page.caption]
    assert TEXTS["win_tie_loss"][0] not in page.table[0].value


def test_a_run_without_its_cache_says_pull(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scores.json", "predictions"):
        page_of = {"scores.json": "compare", "predictions": "examples"}[name]
        cache = world.root / ".dvc/cache/files"
        if cache.exists():
            cache.rename(world.root / "kept-cache")
        page = open_in(world.root, page_of, monkeypatch)
        other = next(option for option in page.selectbox[0].options if "lora-16" in option)
        page.selectbox[0].select(other).run()
        assert not page.exception
        assert "로컬 캐시에 없습니다" in said(page)
        assert "dvc pull" in said(page)


def test_curves_overlay_runs_and_say_which_log_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.root / "reports/finetune/validation.csv").unlink()
    page = open_in(world.root, "curves", monkeypatch)
    assert "reports/finetune/validation.csv" in said(page)
    other = next(option for option in page.multiselect[0].options if "lora-16" in option)
    page.multiselect[0].select(other).run()
    assert not page.exception
    page.toggle[0].set_value(True).run()
    assert not page.exception


def test_a_live_log_is_not_shown_stale(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = world.root / "reports/finetune/loss.csv"
    log.write_text("step,loss,learning_rate\n", encoding="utf-8")
    page = open_in(world.root, "curves", monkeypatch)
    assert TEXTS["curves_no_rows"][0] in said(page)
    log.write_text("step,loss,learning_rate\n1,2.0,0.1\n2,1.9,0.1\n3,1.", encoding="utf-8")
    page.run()
    assert TEXTS["curves_no_rows"][0] not in said(page)
    assert not page.exception


def verdict_of(page: AppTest, label: str = "verdict") -> ButtonGroup[str]:
    """The filter by answers."""
    return next(box for box in page.segmented_control if box.label == TEXTS[label][0])


def test_examples_show_both_stages_and_filter(in_repository: World) -> None:
    page = open_page("examples")
    page.selectbox[1].set_value("k-dtcbench-demo").run()
    assert page.multiselect[0].value == ["finetune", "pretrain"]
    verdict_of(page).set_value("wrong").run()
    assert "3 / 12 문항" in [box.value for box in page.caption]
    assert "정답: B" in texts_of(page)
    assert len(page.image) == 3
    page.multiselect[1].set_value(["간판"]).run()
    assert "1 / 12 문항" in [box.value for box in page.caption]


@pytest.mark.parametrize(
    ("models", "verdict", "found"),
    [
        (["finetune", "pretrain"], "fixed", 6),
        (["finetune", "pretrain"], "broken", 0),
        (["pretrain", "finetune"], "broken", 6),
        (["finetune", "stand-in"], "fixed", 9),
        (["stand-in", "pretrain", "finetune"], "broken", 3),
    ],
)
def test_examples_that_one_model_fixed_or_broke(
    in_repository: World, models: list[str], verdict: str, found: int
) -> None:
    page = open_page("examples")
    page.selectbox[1].set_value("k-dtcbench-demo").run()
    page.multiselect[0].set_value(models).run()
    verdict_of(page).set_value(verdict).run()
    assert not page.exception
    assert f"{found} / 12 문항" in [box.value for box in page.caption]


def test_examples_of_other_models_say_what_they_are(in_repository: World) -> None:
    page = open_page("examples")
    page.multiselect[0].set_value(["stand-in"]).run()
    assert not page.exception
    assert [box.value for box in page.caption].count(LABELS["stand-in"]) == 5
    assert list(verdict_of(page).options) == [TEXTS[key][0] for key in ("all", "right", "wrong")]
    page.multiselect[0].set_value([]).run()
    assert TEXTS["models_none"][0] in said(page)


def test_examples_draw_boxes_and_filter_by_degree(in_repository: World) -> None:
    page = open_page("examples")
    page.selectbox[1].set_value("ocr-box-demo").run()
    assert len(page.slider) == 1
    page.slider[0].set_value((0.21, 0.5)).run()
    assert "3 / 12 문항" in [box.value for box in page.caption]
    assert len(page.image) == 3
    verdict_of(page, "beside").set_value("ahead").run()
    assert "0 / 12 문항" in [box.value for box in page.caption]
    page.slider[0].set_value((0.21, 1.0)).run()
    assert "6 / 12 문항" in [box.value for box in page.caption]


def test_error_rates_are_ahead_when_low(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.root / "artifacts/evaluate/scores.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for row in content["scores"]:
        row["higher_is_better"] = row["benchmark"] != "k-dtcbench-demo"
    write_json(path, content)
    page = open_in(world.root, "examples", monkeypatch)
    page.selectbox[1].set_value("k-dtcbench-demo").run()
    verdict_of(page, "beside").set_value("behind").run()
    assert "6 / 12 문항" in [box.value for box in page.caption]


def test_an_item_without_a_picture(in_repository: World) -> None:
    page = open_page("examples")
    assert TEXTS["no_image"][0] in [box.value for box in page.caption]


def test_one_stage_without_predictions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.root / "artifacts/evaluate/predictions/pretrain/instructions-demo.parquet").unlink()
    page = open_in(world.root, "examples", monkeypatch)
    assert not page.exception
    assert "predictions/pretrain/instructions-demo.parquet" in said(page)
    assert TEXTS["no_answer"][0] in [box.value for box in page.caption]


DAMAGED = {
    "artifacts/evaluate/scores.json": "compare",
    "artifacts/evaluate/comparison/comparison.json": "compare",
    "reports/pretrain/loss.csv": "curves",
    "artifacts/evaluate/predictions/finetune/instructions-demo.parquet": "examples",
    "artifacts/ingest/benchmarks/instructions-demo.parquet": "examples",
    "artifacts/ingest/card.json": "data",
    "artifacts/ingest/rejects.parquet": "data",
    "artifacts/export/report.json": "export",
}


@pytest.mark.parametrize(("path", "name"), DAMAGED.items())
def test_a_damaged_file_is_named_with_its_fix(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    content = (world.root / path).read_bytes()
    (world.root / path).write_bytes(b"{" + content[: len(content) // 2] + b"\n,,,,,,,,\n")
    page = open_in(world.root, name, monkeypatch)
    if "comparison" in path:
        page.selectbox[1].set_value("pretrain").run()
        assert "+0.500" in tables(page)
    assert not page.exception
    assert f"`{path}`" in said(page)
    assert f"dvc checkout --force {path}" in said(page)


def test_an_unreadable_dvc_file_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.root / "dvc.yaml").write_text("stages: [", encoding="utf-8")
    page = open_in(world.root, "runs", monkeypatch)
    assert not page.exception
    assert "dvc" in said(page)


def test_data_counts(in_repository: World) -> None:
    page = open_page("data")
    assert [metric.value for metric in page.metric] == ["132", "154", "7", "36"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_data_of_restricted_use_are_named(in_repository: World, language: str) -> None:
    page = open_page("data")
    page.session_state["language"] = language
    page.run()
    shown = {"non_commercial": page.warning, "ask_first": page.info}
    named = {"non_commercial": "demo-signs", "ask_first": "demo-charts"}
    for key, boxes in shown.items():
        assert [box.value for box in boxes] == [translate(key, language, sources=named[key])]  # type: ignore[arg-type]
    cells = tables(page)
    assert translate("commercial_no", language) in cells  # type: ignore[arg-type]
    assert {"ko": "CC BY-NC 4.0의 조건", "en": "Conditions of CC BY-NC 4.0"}[language] in cells


def test_data_mixture_duplicates_and_leaks(in_repository: World) -> None:
    page = open_page("data")
    headings = [box.value for box in page.subheader]
    assert [TEXTS[key][0] in headings for key in ("mixture", "duplicates_and_leaks", "licences")] == [True] * 3
    assert len(page.get("vega_lite_chart")) == 4  # samples and mixture, of two stages
    assert any("1,234" in box.value for box in page.markdown)
    leaks = next(table.value for table in page.dataframe if TEXTS["found_samples"][0] in table.value)
    assert leaks.to_numpy().tolist() == [["ocr-box-demo", 12, 2, 1, 0, 5, 5, 3]]


def test_the_card_is_shown_with_its_pictures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_in(world.root, "data", monkeypatch)
    words = [box.value for box in page.expander[-1].markdown]
    assert "끝입니다." in words[-1] and not any("![" in text for text in words)
    assert len(page.image) == 1
    (world.root / "artifacts/ingest/examples/demo-signs-0.jpg").write_bytes(b"no picture")
    page.run()
    assert not page.exception and TEXTS["bad_image"][0] in [box.value for box in page.caption]


def test_a_card_from_before_the_mixture_is_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.root / "artifacts/ingest/card.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {key: content[key] for key in ("profile", "sources", "benchmarks")})
    page = open_in(world.root, "data", monkeypatch)
    assert not page.exception and not page.error and not page.warning
    assert [metric.value for metric in page.metric] == ["132", "154", "7", "36"]
    assert TEXTS["licences"][0] not in [box.value for box in page.subheader]


def test_export_figures(in_repository: World) -> None:
    page = open_page("export")
    assert [metric.value for metric in page.metric][:4] == ["3.4", "98.7%", "0.0021", "412.0"]
    assert "limits.top1" in page.warning[0].value
    assert TEXTS["form_int8"][0] in page.info[0].value and "limits.kl_mean: found 0.02" in page.info[0].value


@pytest.mark.parametrize("name", ["export", "try_it"])
def test_a_refused_export_is_said_with_its_reasons(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    report = world.root / PATH
    refused = world.root / REFUSED
    refused.parent.mkdir(parents=True)
    report.rename(refused)
    page = open_in(world.root, name, monkeypatch)
    assert not page.exception and not page.info
    assert "limits.top1: found 0.931" in page.error[0].value and "scratch/export/refused" in page.error[0].value


def test_export_without_optional_figures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    quality: dict[str, object] = {"divergence": {}, "scores": []}
    bundle = {"name": "int8", "weights": "int8", "size_mb": 3.0, "refused": [], "quality": quality}
    report = {"bundles": [bundle], "speed": {"rows": []}}
    write_json(world.root / "artifacts/export/report.json", report)
    page = open_in(world.root, "export", monkeypatch)
    assert not page.exception
    assert page.metric[1].value == TEXTS["not_measured"][0]


def test_a_bundle_that_cannot_be_loaded_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = world.root / "artifacts/export/bundles/int8"
    bundle.mkdir(parents=True)
    (bundle / "config.json").write_text("{", encoding="utf-8")
    page = open_in(world.root, "try_it", monkeypatch)
    page.button[0].click().run()
    assert not page.exception
    assert "artifacts/export/bundles/int8" in said(page)


def test_a_server_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(make_app(Said(["고양", "이"]), "said", created=0, max_new_tokens=40)) as address:
        page = open_in(world.root, "try_it", monkeypatch)
        page.text_input[0].set_value(f"{address}/v1")
        page.button[0].click().run()
    assert not page.exception
    assert not page.error
    assert page.chat_message[1].markdown[0].value == "고양이"


def test_a_server_that_is_not_there_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_in(world.root, "try_it", monkeypatch)
    page.text_input[0].set_value("http://127.0.0.1:1/v1")
    page.button[0].click().run()
    assert not page.exception
    assert TEXTS["problem_server"][0] in said(page)
    assert "http://127.0.0.1:1/v1" in said(page)


@pytest.mark.slow
@pytest.mark.skipif(not (REPOSITORY / "artifacts/export/bundles").is_dir(), reason="no bundle here: make demo")
def test_the_exported_bundle_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_in(REPOSITORY, "try_it", monkeypatch)
    page.button[0].click().run()
    assert not page.exception
    assert not page.error
    assert len(page.chat_message) == 2


@pytest.mark.parametrize("view", sorted((APP.parent / "views").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_does_not_show_its_own_documentation(view: Path) -> None:
    """Streamlit writes any bare text of a page's module onto the page, but for the first."""
    body = ast.parse(view.read_text(encoding="utf-8")).body[1:]
    assert not [line for line in body if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)]


def test_the_dashboard_loads_neither_torch_nor_ray(recorded: World) -> None:
    """Every page but the answer itself, in a fresh interpreter."""
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(APP)!r}, default_timeout={TIMEOUT}).run()
for name in {PAGES!r}:
    page.switch_page(f"views/{{name}}.py").run()
    assert not page.exception, name
heavy = {{"torch", "ray", "transformers", "openvino"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=recorded.root,
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr


def test_texts_have_both_languages_and_the_same_fields() -> None:
    import string

    for key, pair in TEXTS.items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair]
        assert all(pair), key
        assert fields[0] == fields[1], key
