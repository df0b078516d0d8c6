"""Duplicates, leaks and splits, on samples whose outcome can be told by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.ingest.selection.select import REMOVED, Selection, select
from components.ingest.selection.split import SPLITS, assign
from tests.ingest.selection.notes import Picture, ingest, items, notes, row

CAT, DOG, WHITE = Picture(1), Picture(2), Picture(3, plain=True)
CAT_AGAIN, CAT_FAR = Picture(1, turned=8), Picture(1, turned=40)


def removed(selection: Selection) -> dict[str, tuple[str, str]]:
    """Why and of what, by source and id."""
    return {f"{row.source}/{row.id}": (row.why, row.of) for row in selection.removed().itertuples()}


def test_duplicates_are_found_within_and_across_sources() -> None:
    first = notes(row("a", CAT), row("b", CAT), row("c", CAT_AGAIN), row("d", CAT, answer="고양이"), row("e", DOG))
    second = notes(row("f", DOG), row("g", CAT_FAR), row("h", question="무엇? "), row("i", question=" 무엇?"))
    selection = select([first, second], items(), ingest(["one", "two"]))
    assert removed(selection) == {
        "one/b": ("duplicate: exact", "one/a"),
        "one/c": ("duplicate: near", "one/a"),
        "two/f": ("duplicate: exact", "one/e"),
        "two/i": ("duplicate: exact", "two/h"),
    }
    shared = {(r.source, r.earlier): r.images for r in selection.duplicates.shared.itertuples()}
    assert shared == {("one", "one"): 1, ("two", "one"): 1}


def test_duplicates_may_stay_or_go_with_all_that_shows_their_image() -> None:
    tables = [notes(row("a", CAT), row("b", CAT), row("c", CAT_AGAIN, answer="고양이"), row("d", DOG, CAT), row("e"))]
    kept = select(tables, items(), ingest(["one"], remove="nothing"))
    assert removed(kept) == {} and len(kept.duplicates.repeats) == 1
    strict = select(tables, items(), ingest(["one"], remove="images"))
    assert removed(strict) == {
        "one/b": ("duplicate: exact", "one/a"),
        "one/c": ("duplicate: image", ""),
        "one/d": ("duplicate: image", ""),
    }


def test_stages_are_looked_at_apart_and_order_of_images_counts() -> None:
    tables = [notes(row("a", CAT), row("b", CAT, DOG)), notes(row("c", CAT)), notes(row("d", DOG, CAT))]
    selection = select(tables, items(), ingest(["one", "two", "three"], stages=["pretrain", "finetune", "pretrain"]))
    assert removed(selection) == {}


def test_plain_images_are_the_same_by_their_bytes_alone() -> None:
    tables = [notes(row("a", WHITE), row("b", Picture(3, copy=1, plain=True)), row("c", WHITE))]
    assert list(removed(select(tables, items(), ingest(["one"])))) == ["one/c"]


def test_leaks_are_listed_and_removed() -> None:
    table = notes(
        row("same", CAT, answer="1"),
        row("near", CAT_AGAIN, answer="2"),
        row("far", CAT_FAR, answer="3"),
        row("asked", question="1 더하기 1은?"),
        row("asked of another", DOG, question="이것은 무엇인가요?"),
    )
    bench = items(("7", "이것은 무엇인가요?", CAT), ("8", "1 더하기 1은?", None))
    selection = select([table], bench, ingest(["one"]))
    assert removed(selection) == {
        "one/same": ("leak: same image", "bench/7"),
        "one/near": ("leak: near image", "bench/7"),
        "one/asked": ("leak: same question", "bench/8"),
    }
    assert selection.leaks.found["bits"].tolist() == [-1, 8, -1]
    assert selection.leaks.same_questions.tolist() == [0]
    only_listed = select([table], bench, ingest(["one"], remove_leaks=False))
    assert removed(only_listed) == {} and len(only_listed.leaks.found) == 3


def test_refused_rows_are_no_samples() -> None:
    table = notes(
        row("a", CAT), {"id": "b", "reason": "image missing: x", "images": [], "questions": []}, row("c", DOG)
    )
    selection = select([table], items(), ingest(["one"]))
    assert len(selection.split) == 2 and selection.catalogue.strings("id").tolist() == ["a", "c"]


def test_a_source_without_samples_and_samples_without_images() -> None:
    selection = select([notes(), notes(row("a"))], items(), ingest(["one", "two"]))
    assert [len(part) for part in selection.catalogue.per_source(selection.split)] == [0, 1]


SAMPLES = st.lists(
    st.tuples(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), max_size=3), st.booleans()), max_size=14
)


@given(first=SAMPLES, second=SAMPLES)
def test_images_never_straddle_splits(
    first: list[tuple[list[tuple[int, int]], bool]], second: list[tuple[list[tuple[int, int]], bool]]
) -> None:
    tables = []
    for source, drawn in enumerate((first, second)):
        rows = [
            row(f"{place}", *(Picture(*picture) for picture in pictures), answer=f"{source} {place}")
            for place, (pictures, _) in enumerate(drawn)
        ]
        tables.append(notes(*rows))
    selection = select(tables, items(), ingest(["one", "two"], remove="nothing"))
    seen: dict[bytes, int] = {}
    for digest, owner in zip(selection.catalogue.images.digest, selection.catalogue.owner, strict=True):
        assert seen.setdefault(digest.tobytes(), selection.split[owner]) == selection.split[owner]


def test_adding_a_source_moves_no_earlier_sample() -> None:
    first = notes(row("a", CAT), row("b", DOG), row("c"), row("d", Picture(9), CAT_FAR))
    second = notes(row("e", CAT_AGAIN), row("f", Picture(5)), row("g", DOG, Picture(5)))
    alone = select([first], items(), ingest(["one"], remove="nothing"))
    both = select([first, second], items(), ingest(["one", "two"], remove="nothing"))
    assert both.keys[:4] == alone.keys
    assert both.keys[4] == alone.keys[0] and both.keys[6] == alone.keys[1]


def test_names_decide_where_they_are_declared() -> None:
    key = "a7b1c2d3e4f50617"
    table = notes(row("a", CAT, answer="1"), row("b", CAT, answer="2", key=key), row("c", DOG, key="000123"))
    selection = select([table], items(), ingest(["one"]))
    assert selection.keys[:2] == [key, key]  # a shares its image with b, which has a name
    assert selection.keys[2] != "000123" and len(selection.keys[2]) == 64


@pytest.mark.parametrize(("key", "name"), [("00", "validation"), ("3f", "validation"), ("40", "test"), ("80", "train")])
def test_shares_of_the_keys(key: str, name: str) -> None:
    chosen = assign(key, ingest(["one"]).split)
    assert chosen == name and chosen in SPLITS and REMOVED < 0
