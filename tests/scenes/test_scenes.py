"""What every kind of scene promises."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from components.scenes.instructions import all_instructions
from components.scenes.sampling import SAMPLERS, sample_scene
from components.scenes.scene import SIDE, SPLITS, Region, Scene, Split, bucket_split, format_box
from components.scenes.shapes import Board, Shape
from components.scenes.vocabulary import CELL_INDEX, CELLS, EMPTY
from components.scenes.words import Sign, Word

KINDS = sorted(SAMPLERS)
PAGES = ("page", "digit_page")
"""Only the image encoder sees these: nobody talks of them."""
TALKED_OF = [kind for kind in KINDS if kind not in PAGES]


def scenes(kind: str, count: int, seed: int = 1) -> list[Scene]:
    rng = random.Random(seed)
    return [SAMPLERS[kind](rng) for _ in range(count)]


def test_digest_is_the_same_on_every_machine() -> None:
    board = Board((Shape("빨간", "원", 0, 1, 3, 4, 50),), 2)
    assert board.digest == "a4f3179acd0b469dfc0c6d36b61d28ed1dc30c2ff566551e4388d964089cc4e2"
    assert board.name == board.digest[:16]
    assert board.split == bucket_split(board.digest[:2])


def test_buckets_have_the_shares_of_the_splits() -> None:
    counts = Counter(bucket_split(f"{number:02x}") for number in range(256))
    assert counts == {"validation": 16, "test": 40, "train": 200}


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_scene_same_text(kind: str) -> None:
    for first, second in zip(scenes(kind, 5), scenes(kind, 5), strict=True):
        assert first == second
        assert first.digest == second.digest
        assert kind in PAGES or first.caption() == second.caption()
        assert kind in PAGES or first.turns(random.Random(3)) == second.turns(random.Random(3))
    assert len({scene.digest for scene in scenes(kind, 20)}) > 15


@pytest.mark.parametrize("kind", KINDS)
def test_drawing_twice_gives_the_same_picture(kind: str) -> None:
    first, second = scenes(kind, 2)
    before = np.asarray(first.draw())
    assert before.shape == (SIDE, SIDE, 3)
    second.draw()
    assert np.array_equal(before, np.asarray(first.draw()))


@pytest.mark.parametrize("kind", KINDS)
def test_regions_lie_in_the_picture_where_something_is_drawn(kind: str) -> None:
    for scene in scenes(kind, 4):
        pixels = np.asarray(scene.draw()).astype(int)
        for region in scene.regions():
            x1, y1, x2, y2 = region.box
            assert -0.02 <= x1 < x2 <= 1.02, region
            assert -0.02 <= y1 < y2 <= 1.02, region
            assert region.name in CELL_INDEX
            rows, columns = (slice(max(0, int(a * SIDE) - 3), int(b * SIDE) + 4) for a, b in ((y1, y2), (x1, x2)))
            assert np.ptp(pixels[rows, columns], axis=(0, 1)).max() > 40, region


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", SPLITS)
def test_scenes_of_a_split_are_of_that_split(kind: str, split: Split) -> None:
    rng = random.Random(5)
    assert all(sample_scene(rng, kind, split).split == split for _ in range(5))


@pytest.mark.parametrize("kind", TALKED_OF)
def test_right_option_is_among_four_different_ones(kind: str) -> None:
    rng = random.Random(7)
    asked = [choice for scene in scenes(kind, 60) for choice in scene.choices(rng)]
    assert len(asked) >= 40
    for choice in asked:
        for position in range(4):
            options = choice.options(position)
            assert options[position] == choice.right
            assert len(set(options)) == 4
            assert all(options)


@pytest.mark.parametrize("kind", TALKED_OF)
def test_answers_are_never_empty(kind: str) -> None:
    rng = random.Random(9)
    for scene in scenes(kind, 20):
        assert scene.caption().endswith(".")
        assert all(turn.question and turn.answer for turn in scene.turns(rng))


def test_cells_have_no_duplicates() -> None:
    assert len(CELLS) == len(set(CELLS)) == len(CELL_INDEX)


def test_grid_takes_the_name_that_covers_most_of_a_cell() -> None:
    board = Board((Shape("빨간", "원", 0, 0, 0, 0, 48), Shape("파란", "별", 2, 2, 0, 0, 60)), 0)
    names = board.grid(6, 0.2)
    assert [i for i, name in enumerate(names) if name == "빨간 원"] == [0, 1, 6, 7]
    assert names[4 * 6 + 4] == names[5 * 6 + 5] == "파란 별"
    assert names.count(EMPTY) == 36 - 8


def test_grid_leaves_out_what_covers_too_little() -> None:
    board = Board((Shape("빨간", "원", 0, 0, 0, 0, 48),), 0)
    assert board.grid(6, 0.6)[:2] == ["빨간 원", EMPTY]
    assert board.grid(6, 0.5)[:2] == ["빨간 원", "빨간 원"]


def test_box_is_written_with_two_digits() -> None:
    assert format_box((0.1, 0.254, 0.8, 1.0)) == "[0.10,0.25,0.80,1.00]"


@pytest.mark.parametrize("weight", ["NanumGothicLight", "NanumGothic", "NanumGothicBold", "NanumGothicExtraBold"])
def test_hangul_is_drawn_and_no_two_syllables_alike(weight: str) -> None:
    shown = [np.asarray(Sign((Word(text, 20, 20, 48, weight),), 0).draw()) for text in ("뷁", "출", "구", "귀")]
    for pixels in shown:
        dark = int((pixels.min(axis=2) < 128).sum())
        assert 150 < dark < 2500
    assert all(not np.array_equal(a, b) for i, a in enumerate(shown) for b in shown[i + 1 :])


def test_sign_is_more_than_its_paper() -> None:
    sign = scenes("sign", 1)[0]
    assert len(np.unique(np.asarray(sign.draw()).reshape(-1, 3), axis=0)) > 2


def test_syllables_stand_side_by_side() -> None:
    word = Word("공중전화", 10, 30, 40, "NanumGothic")
    regions: list[Region] = word.syllables()
    assert "".join(region.name for region in regions) == "공중전화"
    assert all(a.box[2] == b.box[0] for a, b in pairwise(regions))
    assert word.box == (regions[0].box[0], regions[0].box[1], regions[-1].box[2], regions[0].box[3])


def test_instructions_have_one_answer_each() -> None:
    answers: dict[str, set[str]] = {}
    for turn in all_instructions():
        answers.setdefault(turn.question, set()).add(turn.answer)
    assert all(len(given) == 1 for given in answers.values())
    assert "봄 다음 계절은 무엇인가요?" in answers
    assert answers["봄 앞의 계절은 무엇인가요?"] == {"겨울"}
