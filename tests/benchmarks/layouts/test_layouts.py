"""Every layout reads what its publisher wrote, words it as lmms-eval does, and says which item is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.benchmarks.catalogue import find_benchmark, layout_names
from components.benchmarks.item import BenchmarkError, Item
from tests.benchmarks.layouts.sources import (
    DTC,
    LLAVA_W,
    MMBENCH,
    MMSTAR,
    SEED,
    items_of,
    png,
    write_lines,
    write_parquet,
    write_tsv,
)

P = "주어진 선택지 중 해당 옵션의 문자로 바로 답하세요."
TABLES: dict[str, tuple[dict[str, Any], str]] = {
    "k-seed": (SEED, f"이 사진에는 몇 명의 사람이 있나요?\nA. 한 명\nB. 두 명\nC. 세 명\nD. 없음\n{P}"),
    "k-dtcbench": (DTC, f"회의는 언제 열리나요?\nOptions: A: 월요일, B: 화요일, C: 수요일, D: 목요일\n{P}"),
    "k-mmbench": (MMBENCH, f"어느 것이 금속인가요? There are several options:\nA. 나무\nB. 구리\n\n{P}"),
    "k-mmstar": (
        MMSTAR,
        "어떤 분위기인가요?\nOptions: A: 밝다, B: 어둡다, C: 차갑다, D: 뜨겁다\n"
        "Answer with the option's letter from the given choices directly",
    ),
}


def one(layout: str, folder: Path) -> Item:
    (item,) = items_of(layout, folder)
    return item


@pytest.mark.parametrize("layout", TABLES)
def test_parquet_and_tsv_give_the_same_item(layout: str, tmp_path: Path) -> None:
    row, prompt = TABLES[layout]
    item = one(layout, write_parquet(tmp_path / "hub", [row]))
    other = one(layout, write_tsv(tmp_path / "tsv", [row]))
    assert item.prompt == prompt
    assert item.references == (row["answer"],)
    assert item.image is not None and item.image.data == png()
    assert other.image is not None and other.image.data == png()
    fields = ("item_id", "prompt", "references", "options", "category", "group")
    assert [getattr(item, name) for name in fields] == [getattr(other, name) for name in fields]


def test_rotations_are_grouped_by_their_index_modulo_a_million(tmp_path: Path) -> None:
    rows = [MMBENCH | {"index": index} for index in (241, 1_000_241, 2_000_241, 7)]
    assert [item.group for item in items_of("k-mmbench", write_parquet(tmp_path, rows))] == ["241"] * 3 + ["7"]


def test_a_hint_stands_before_the_question(tmp_path: Path) -> None:
    item = one("k-mmbench", write_parquet(tmp_path, [MMBENCH | {"hint": "금속은 전기를 통한다."}]))
    assert item.prompt.startswith("금속은 전기를 통한다. 어느 것이 금속인가요? There are several")


def test_k_mmstar_keeps_the_finer_category(tmp_path: Path) -> None:
    item = one("k-mmstar", write_parquet(tmp_path, [MMSTAR]))
    assert (item.category, item.options) == ("image emotion", ("밝다", "어둡다", "차갑다", "뜨겁다"))


def test_k_llava_w_tells_the_judge_the_caption(tmp_path: Path) -> None:
    item = one("k-llava-w", write_parquet(tmp_path, [LLAVA_W]))
    assert item.prompt == LLAVA_W["question"]
    assert item.context == "바닷가의 등대\n저녁"
    assert item.references == (LLAVA_W["gpt_answer"],)
    assert find_benchmark("k-llava-w").judge_template == "llava-w"


def test_k_viscuit_counts_options_from_zero(tmp_path: Path) -> None:
    row = {"id_": "Food.1.0", "question": "What is it?", "options": ["Tteok", "Gim"], "answer": 1, "category": "Food"}
    item = one("k-viscuit", write_parquet(tmp_path / "hub", [row]))
    assert (item.references, item.options, item.category) == (("B",), ("Tteok", "Gim"), "Food")
    with pytest.raises(BenchmarkError, match=r"item Food.1.0: answer 2 is no option's place"):
        one("k-viscuit", write_parquet(tmp_path / "wrong", [row | {"answer": 2}]))


def test_local_folders(tmp_path: Path) -> None:
    culture = {"id": 1, "question": "이 음식은?", "options": ["떡", "김"], "answer": "A", "category": "음식"}
    assert one("culture", write_lines(tmp_path / "c", [culture])).references == ("A",)
    chart = {"id": "c1", "question": "가장 큰 값은?", "answer": 42, "category": "chart"}
    assert one("ocr-complex", write_lines(tmp_path / "o", [chart])).references == ("42",)
    word = {"id": "w", "text": "약국", "bbox": [10, 5, 20, 10], "width": 100, "height": 50}
    box = one("ocr-box", write_lines(tmp_path / "b", [word]))
    assert (box.references, box.prompt) == (
        ("[0.10,0.10,0.30,0.30]",),
        "'약국'은 어느 자리에 있는지 상자로 답하세요.",
    )
    assert one("ocr-read", write_lines(tmp_path / "r", [{"id": "w", "text": "약국"}])).seen


@pytest.mark.parametrize(
    ("layout", "row", "message"),
    [
        ("k-seed", SEED | {"answer": "E"}, r"item 101669_1: answer 'E' is no option's letter"),
        ("k-seed", SEED | {"question": None}, r"item 101669_1: question is missing"),
        ("k-dtcbench", DTC | {"choice_b": "nan"}, r"item document_01: fewer than two options"),
        ("k-mmstar", {k: v for k, v in MMSTAR.items() if k != "l2_category"}, r"item 0: l2_category is missing"),
        ("k-llava-w", LLAVA_W | {"gpt_answer": None}, r"item 3: gpt_answer is missing"),
    ],
)
def test_a_wrong_item_is_named(layout: str, row: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=message):
        items_of(layout, write_parquet(tmp_path, [row]))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(BenchmarkError, match="neither a Parquet nor a TSV file"):
        items_of("k-seed", tmp_path / "a")
    (tmp_path / "a/test.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(BenchmarkError, match=r"test\.parquet is not Parquet"):
        items_of("k-seed", tmp_path / "a")
    folder = write_tsv(tmp_path / "b", [SEED])
    text = (folder / "benchmark.tsv").read_text(encoding="utf-8")
    (folder / "benchmark.tsv").write_text(text.replace("iVBOR", "iV!OR"), encoding="utf-8")
    with pytest.raises(BenchmarkError, match="item 101669_1: image is not base64"):
        items_of("k-seed", folder)


def test_every_file_is_a_benchmark_and_others_are_refused() -> None:
    for name in layout_names():
        assert find_benchmark(name).prompt_version
    with pytest.raises(BenchmarkError, match=r"layout 'k-sede' is none of captions, .*k-seed"):
        find_benchmark("k-sede")
