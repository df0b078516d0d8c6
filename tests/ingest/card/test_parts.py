"""Measures, examples and Markdown on inputs of any kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import rc_context

from components.ingest.card.examples import write_examples
from components.ingest.card.layout import bars, block, code, plain, table
from components.ingest.card.measures import languages, token_lengths
from components.ingest.card.pictures import draw_mixture
from tests.ingest.card.small_set import write_shard

INT32 = st.integers(0, 2**31 - 1)


@given(st.lists(INT32, min_size=1))
def test_each_sample_is_in_the_bin_of_its_length(lengths: list[int]) -> None:
    found = token_lengths(np.array(lengths, dtype=np.int32))
    assert found is not None
    edges, counts = found["histogram"]["edges"], found["histogram"]["counts"]
    assert counts == np.histogram(lengths, edges)[0].tolist() and sum(counts) == len(lengths)
    assert max(lengths) < edges[-1] and {found["p5"], found["p50"], found["p95"], found["max"]} <= set(lengths)


@given(st.lists(st.floats(0, 1, width=32)))
def test_every_sample_has_a_language(hangul: list[float]) -> None:
    assert sum(languages(np.array(hangul, dtype=np.float32)).values()) == len(hangul)


@pytest.mark.parametrize(("hangul", "language"), [(0.5, "korean"), (0.49, "mixed"), (0.1, "mixed"), (0.09, "other")])
def test_bounds_of_languages(hangul: float, language: str) -> None:
    assert languages(np.array([hangul], dtype=np.float32))[language] == 1


@pytest.mark.parametrize(("rows", "shown"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (450, [75, 225, 375])])
def test_examples_are_spread_over_the_row_groups(tmp_path: Path, rows: int, shown: list[int]) -> None:
    write_shard(tmp_path, "finetune", "one", rows)
    shard = tmp_path / "shards/finetune/train/one-00000.parquet"
    found = write_examples(shard, "one", tmp_path)
    assert [example["id"] for example in found] == [f"one-{number}" for number in shown]
    pictured = [example["picture"] for example in found if example["picture"]]
    assert sorted(path.name for path in tmp_path.glob("examples/*")) == [Path(name).name for name in pictured]


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_text_breaks_a_table(first: str, second: str) -> None:
    lines = [line for line in table(("a", "b"), [(plain(first), code(second)), (None, 1)]) if line]
    assert len(lines) == 4 and len({len(line.replace("\\|", "").split("|")) for line in lines}) == 1
    assert not any("\n" in line for line in lines)


@given(st.lists(st.text(alphabet="`a\n")))
def test_no_text_leaves_its_block(lines: list[str]) -> None:
    written = [line for line in block(lines)][1:-1]
    assert written[0] == written[-1] and not any(written[0] in line for line in lines)


@given(st.lists(st.integers(0, 10**9)))
def test_a_bar_is_empty_where_nothing_is(counts: list[int]) -> None:
    drawn = bars(counts)
    assert [sign == "▁" for sign in drawn] == [count == 0 for count in counts]


def test_the_picture_does_not_depend_on_settings_of_matplotlib(tmp_path: Path) -> None:
    parts = [{"source": "서울", "sample_share": 1.0, "token_share": 1.0}]
    draw_mixture({"pretrain": parts}, tmp_path / "a.png")
    with rc_context({"font.size": 20, "axes.facecolor": "black", "savefig.dpi": 30}):
        draw_mixture({"pretrain": parts}, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_mixture_of_many_sources_or_none_can_be_drawn(tmp_path: Path) -> None:
    parts = [{"source": f"s{number}", "sample_share": 1 / 45, "token_share": 1 / 45} for number in range(45)]
    draw_mixture({"pretrain": parts, "finetune": []}, tmp_path / "m.png")
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")
