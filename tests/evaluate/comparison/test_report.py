"""The report of three models on four benchmarks, in both languages, and its picture."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rc_context
from PIL import Image

from components.benchmarks.benchmark import Category
from components.evaluate.comparison.answers import VERSIONS
from components.evaluate.comparison.report.contents import Contents
from components.evaluate.comparison.report.layout import bracketed, number, percent, plain, probability, table
from components.evaluate.comparison.report.markdown import report_text
from components.evaluate.comparison.report.pairs import better_model
from components.evaluate.comparison.report.picture import draw_comparisons
from components.evaluate.comparison.report.texts import TEXTS, metric_name
from components.evaluate.comparison.report.write import write_report
from components.evaluate.latency.rates import HIGHER_IS_BETTER
from components.evaluate.rows import Row
from components.evaluate.statistics.paired import BOOTSTRAP, CHI_SQUARED, EXACT, NONE
from tests.evaluate.comparison.world import LABEL, SETTINGS, contents


@pytest.fixture(scope="module")
def told() -> Contents:
    """Everything that a report can hold."""
    return contents()


@pytest.fixture(scope="module")
def english(told: Contents) -> str:
    """The English text."""
    return report_text(told, "en")


def section(text: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_parts_stand_in_a_readers_order(english: str) -> None:
    assert re.findall(r"^## (.*)$", english, re.MULTILINE) == [
        "What was compared",
        "Figures measured here",
        "finetune against pretrain",
        "finetune against stand-in",
        "pretrain against stand-in",
        "Leaks",
        "Latency",
        "What has no figure, and why",
        "Published figures",
        "Versions",
        "How to read this",
    ]


def test_both_languages_tell_the_same(told: Contents, english: str) -> None:
    korean = report_text(told, "ko")
    for text in (english, korean):
        assert text.startswith("# ") and text.endswith("\n") and "None" not in text and "nan" not in text
    shapes = [
        [line.count("|") if line.startswith("|") else line[:3] in ("## ", "###") for line in text.splitlines()]
        for text in (english, korean)
    ]
    assert shapes[0] == shapes[1]
    numbers = [re.findall(r"\d\.\d{3}", text) for text in (english, korean)]
    assert numbers[0] == numbers[1]
    assert "## finetune 대 stand-in" in korean and "순환 정확도 ↑" in korean


def test_a_pairs_table_holds_the_comparison(told: Contents, english: str) -> None:
    found = told.comparisons()[0]
    line = next(line for line in section(english, "finetune against pretrain").splitlines() if "k-dtcbench" in line)
    cells = [cell.strip() for cell in line.strip("|").split(" | ")]
    assert cells[:3] == ["k-dtcbench", "accuracy ↑", "240"]
    assert cells[3].startswith(f"{found.first_figure.value:.3f} ") and cells[4].startswith(
        f"{found.second_figure.value:.3f} "
    )
    assert cells[5].startswith(f"+{found.paired.difference.value:.3f} ")
    assert cells[7] == "finetune better"
    assert cells[8] == f"{found.paired.smallest_visible:.3f}"
    assert cells[9] == f"{found.paired.wins} / {found.paired.ties} / {found.paired.losses}"
    assert cells[10] == "McNemar, chi-squared"


def test_a_stand_in_is_shown_by_its_name_with_its_label(english: str) -> None:
    assert f"| stand-in | {LABEL} |" in section(english, "What was compared")
    assert f"- **stand-in**: {LABEL}" in section(english, "finetune against stand-in")
    assert LABEL not in section(english, "finetune against pretrain")


def test_a_refusal_has_no_number(english: str) -> None:
    part = section(english, "finetune against stand-in")
    [line] = [line for line in part.splitlines() if line.startswith("| ocr-read")]
    assert line == "| ocr-read | character error rate | decoding | greedy, 16 tokens | beam search |"


def test_units_that_depend_on_each_other_are_counted_apart(english: str) -> None:
    part = section(english, "finetune against pretrain")
    assert "| k-mmbench | accuracy ↑ | 240 (60) |" in part
    assert "| k-mmbench | circular accuracy ↑ | 60 |" in part


def test_leaks_show_scores_only_where_items_are_left(english: str) -> None:
    part = section(english, "Leaks")
    assert "| k-dtcbench | 240 | 42 | same image 30, near image 12 | 30 |" in part
    assert part.count("(n = 210)") == 3
    assert "| k-mmbench | 240 | 0 | – | 0 |" in part and "| k-mmbench | finetune" not in part


def test_speed_has_its_percentiles_and_a_table_for_each_condition(english: str) -> None:
    part = section(english, "Latency")
    assert "**fp32, made-up processor, batch 1, 32 new tokens**" in part
    assert "| characters/s ↑ | 58.20 (46.56–69.84) |" in part
    assert "speed" not in section(english, "Figures measured here")


def test_figures_of_other_conditions_keep_the_plain_name() -> None:
    row = Row("m", "speed", "latency", "tokens_per_second_without_image_batched", 10.0, None, None, 3, "measured")
    row = replace(row, condition="batch 4", details={"p5": 9.0, "p50": 10.0, "p95": 11.0})
    part = section(report_text(Contents([], [row], [], {}, SETTINGS), "en"), "Latency")
    assert "| tokens/s ↑ | 10.00 (9.000–11.00) |" in part


def test_what_has_no_figure_is_said_once_a_reason(english: str) -> None:
    part = section(english, "What has no figure, and why")
    assert "| finetune, pretrain, stand-in | not run | not among ingest.benchmarks | K-SEED: accuracy |" in part
    missing = [line for line in part.splitlines() if "no published figure was found" in line]
    assert len(missing) == 1
    assert missing[0].startswith("| KoLLaVA-7B | missing |")
    assert "k-dtcbench: accuracy" in missing[0]


def test_published_figures_stand_alone_with_their_source(english: str) -> None:
    assert "| KoLLaVA-7B | 0.059 | AIKU \\| README | 4,000 items |" in section(english, "Published figures")
    assert english.count("0.059") == 1


def test_versions_tell_models_apart(english: str) -> None:
    part = section(english, "Versions")
    assert "| ocr-read | finetune, pretrain | 0123456789ab | p-1 | 2 | greedy, 16 tokens | none |" in part
    assert "| ocr-read | stand-in | 0123456789ab | p-1 | 2 | beam search | none |" in part


def test_a_single_model_has_a_report(told: Contents, tmp_path: Path) -> None:
    alone = Contents([], [row for row in told.rows if row.subject == "finetune"], [], {}, told.settings)
    (tmp_path / "comparison.png").write_bytes(b"of an earlier run")
    write_report(tmp_path, alone)
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "against" not in text and "png" not in text and "## Leaks" not in text
    assert "| k-dtcbench | accuracy ↑ (chance 0.250) | 0.633" in text
    assert not (tmp_path / "comparison.png").exists()


def test_the_same_contents_give_the_same_files(told: Contents, tmp_path: Path) -> None:
    names = ["comparison.json", "comparison.png", "report.ko.md", "report.md"]
    write_report(tmp_path / "a", told)
    with rc_context({"font.size": 20, "axes.facecolor": "black", "savefig.dpi": 30}):
        write_report(tmp_path / "b", told)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_json_holds_comparisons_and_refusals(told: Contents, tmp_path: Path) -> None:
    write_report(tmp_path, told)
    read = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert len(read["comparisons"]) + len(read["refusals"]) == len(told.results)
    assert read["refusals"][0]["what"] == {"decoding": ["greedy, 16 tokens", "beam search"]}
    assert read["labels"] == {"stand-in": LABEL} and read["settings"]["seed"] == 7
    assert read["leaks"][0]["left"] == 30
    assert "문항-0001" in (tmp_path / "comparison.json").read_text(encoding="utf-8")


@pytest.mark.filterwarnings("error")
def test_the_picture_has_a_row_a_benchmark_and_every_sign(told: Contents, tmp_path: Path) -> None:
    """A sign that the font lacks is a warning, which is an error here."""
    draw_comparisons(told, tmp_path / "all.png")
    some = [c for c in told.comparisons() if c.benchmark == "k-dtcbench"]
    draw_comparisons(replace(told, results=some), tmp_path / "one.png")
    with Image.open(tmp_path / "all.png") as four, Image.open(tmp_path / "one.png") as one:
        assert four.width == one.width and four.height > 3 * one.height - 150
    assert not list(tmp_path.glob(".*"))


@pytest.mark.filterwarnings("error")
def test_a_figure_without_interval_or_value_can_be_drawn(told: Contents, tmp_path: Path) -> None:
    whole = told.comparisons()[0]
    bare = replace(whole, first_figure=replace(whole.first_figure, low=None, high=None))
    empty = replace(
        whole,
        benchmark="빈 것",
        second_figure=replace(whole.second_figure, value=None),
        paired=replace(whole.paired, difference=replace(whole.paired.difference, value=None)),
        p_adjusted=None,
    )
    draw_comparisons(replace(told, results=[bare, empty]), tmp_path / "c.png")
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")
    assert "| 빈 것 | accuracy ↑ | 240 |" in report_text(replace(told, results=[bare, empty]), "en")


def test_the_better_model_by_direction_and_significance(told: Contents) -> None:
    errors = next(c for c in told.comparisons() if c.metric == "cer")
    assert errors.paired.difference.value is not None and errors.paired.difference.value < 0
    assert better_model(replace(errors, p_adjusted=0.05), 0.05) == "finetune"
    assert better_model(replace(errors, p_adjusted=0.051), 0.05) is None
    assert better_model(replace(errors, p_adjusted=None), 0.05) is None
    assert better_model(replace(errors, p_adjusted=0.01, higher_is_better=True), 0.05) == "pretrain"


def test_every_text_has_both_languages_and_the_same_fields() -> None:
    for key, texts in TEXTS.items():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in texts]
        assert all(texts) and fields[0] <= fields[1] and fields[1] <= fields[0], key


def test_the_catalogue_knows_all_that_is_looked_up_by_name() -> None:
    names = [f"category_{name}" for name in (*get_args(Category), "latency")]
    names += [f"versions_{name}" for name in VERSIONS] + [f"metric_{name}" for name in HIGHER_IS_BETTER]
    names += [f"test_{name}" for name in (EXACT, CHI_SQUARED, BOOTSTRAP, NONE)]
    assert not set(names) - TEXTS.keys()
    assert metric_name("a new one", "ko") == "a new one"


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (0.6333, False, "0.633"),
        (0.0, True, "0.000"),
        (-0.0001, True, "0.000"),
        (-0.25, False, "−0.250"),
        (23.006, True, "+23.01"),
        (1234.56, False, "1,234.6"),
        (None, True, "–"),
    ],
)
def test_numbers(value: float | None, signed: bool, text: str) -> None:
    assert number(value, signed) == text


def test_brackets_percentages_and_probabilities() -> None:
    assert bracketed(0.5, 0.25, 0.75) == "0.500 \\[0.250, 0.750\\]"
    assert bracketed(0.5, None, None) == "0.500"
    assert bracketed(None, 0.1, 0.2) == "–"
    assert (percent(0.95), percent(0.995)) == ("95 %", "99.5 %")
    assert [probability(p) for p in (0.0004, 0.0125, 1.0, None)] == ["<0.001", "0.013", "1.000", "–"]


def test_columns_of_numbers_stand_right() -> None:
    lines = list(
        table(
            ("a", "b", "c", "d"), [("4. OCR", "+0.1 \\[0, 1\\]", "1 / 2 / 3", "–"), ("x", "–", "4 / 5 / 6", "<0.001")]
        )
    )
    assert lines[1] == "| --- | --: | --: | --: |" and lines[-1] == ""
    assert list(table(("a",), [])) == []


@given(st.text(), st.text())
def test_no_text_breaks_a_table(first: str, second: str) -> None:
    lines = [line for line in table(("a", "b"), [(plain(first), plain(second))]) if line]
    assert len(lines) == 3 and len({len(line.replace("\\|", "").split("|")) for line in lines}) == 1
    assert not any("\n" in line for line in lines)


def test_names_of_models_and_units_stay_what_they_are(told: Contents) -> None:
    odd = "a|b*c_<d>"
    first = told.comparisons()[0]
    text = report_text(
        replace(told, results=[replace(first, first=odd, fixed=["x|y"])], labels={odd: "a `label`"}), "en"
    )
    assert "## a\\|b\\*c\\_\\<d\\> against pretrain" in text
    assert "- **a\\|b\\*c\\_\\<d\\>**: a \\`label\\`" in text
    assert "x\\|y, …" in text
