"""Scorers against numbers worked out by hand."""

from __future__ import annotations

import pytest

from components.prompts.choice import k_mmbench
from components.scoring.boxes import score_boxes
from components.scoring.choice import score_choice, score_macro_choice, score_rotated_choice
from components.scoring.judged import score_beside_reference, score_same_meaning
from components.scoring.reading import score_reading
from components.scoring.settings import Settings
from components.scoring.short_answer import score_short_answers
from components.stages.errors import Unusable
from tests.scoring.world import frame, measure

SETTINGS = Settings()


def test_choice_counts_an_unreadable_answer_as_wrong() -> None:
    items = frame(["A입니다", "정답은 B", "몰라요", "A"], ["A", "B", "C", "D"], category=["표", "표", "표", "글"])
    scored = score_choice(items, SETTINGS)
    accuracy = measure(scored, "accuracy")
    assert scored.parsed == ["A", "B", None, "A"]
    assert scored.item_scores == [1, 1, 0, 0]
    assert (accuracy.value, accuracy.n, accuracy.is_binary, accuracy.is_clustered) == (0.5, 4, True, False)
    assert accuracy.details["chance"] == 0.25
    assert accuracy.details["chosen"] == {"A": 2, "B": 1, "unreadable": 1}
    assert accuracy.units["category"].tolist() == ["표", "표", "표", "글"]
    assert measure(scored, "parse_rate").value == 0.75


def test_circular_accuracy_wants_every_rotation_right() -> None:
    """K-MMBench by hand: of three questions in two rotations, only the first is right in both: 1 / 3."""
    items = frame(
        ["A", "B", "A", "A", "B", "B"],
        ["A", "B", "A", "B", "B", "A"],
        group=["1", "1", "2", "2", "3", "3"],
        prompt=k_mmbench("무엇인가요?", ["사과", "배"]),
    )
    scored = score_rotated_choice(items, SETTINGS)
    circular, accuracy = measure(scored, "circular_accuracy"), measure(scored, "accuracy")
    assert scored.measures[0] is circular
    assert circular.value == pytest.approx(1 / 3)
    assert (circular.n, circular.is_clustered, circular.is_binary) == (3, False, True)
    assert circular.details["chance"] == 0.25
    assert circular.details["rotations"] == {"1": 1.0, "2": pytest.approx(1 / 3)}
    assert circular.details["spread"] == pytest.approx(2 / 3)
    assert accuracy.value == pytest.approx(4 / 6)
    assert accuracy.is_clustered
    assert accuracy.details["chance"] == 0.5


def test_a_question_of_one_rotation_is_a_question() -> None:
    """Sets may hold questions that were never rotated, beside some that were."""
    items = frame(["A", "A", "B"], ["A", "A", "A"], group=["1", "1", "2"])
    assert measure(score_rotated_choice(items, SETTINGS), "circular_accuracy").value == 0.5


def test_macro_accuracy_is_the_mean_of_the_categories() -> None:
    """K-MMStar by hand: image emotion 3 of 4, recognition 1 of 1, geometry 0 of 2: (.75 + 1 + 0) / 3, not 4 / 7."""
    items = frame(
        ["A", "A", "A", "B", "C", "D", "D"],
        ["A", "A", "A", "A", "C", "A", "B"],
        category=["image emotion"] * 4 + ["recognition"] + ["geometry"] * 2,
    )
    scored = score_macro_choice(items, SETTINGS)
    assert measure(scored, "macro_accuracy").value == pytest.approx(1.75 / 3)
    assert measure(scored, "accuracy").value == pytest.approx(4 / 7)


def test_a_missing_box_counts_zero() -> None:
    responses = ["[0,0,0.5,1]", "[0.25,0,0.75,1]", "없음", "[0.5,0,1,1]"]
    scored = score_boxes(frame(responses, ["[0,0,0.5,1]"] * 4), SETTINGS)
    assert scored.item_scores == pytest.approx([1, 1 / 3, 0, 0])
    assert scored.parsed == ["[0,0,0.5,1]", "[0.25,0,0.75,1]", None, "[0.5,0,1,1]"]
    assert measure(scored, "mean_iou").value == pytest.approx(1 / 3)
    assert measure(scored, "iou_50").value == 0.25
    assert measure(scored, "iou_75").value == 0.25
    assert measure(scored, "parse_rate").value == 0.75


def test_a_benchmark_whose_reference_is_no_box_is_refused() -> None:
    with pytest.raises(Unusable, match=r"reference '\[1,2\]'.*fix the benchmark"):
        score_boxes(frame(["[0,0,1,1]"], ["[1,2]"]), SETTINGS)


def test_characters_wrong_over_all_characters() -> None:
    responses, references = ["서울역", "서울", "", "우체국입니다"], ["서울역", "서울역", "약국", "우체국"]
    scored = score_reading(frame(responses, references, seen=[True, False, False, True]), SETTINGS)
    assert scored.item_scores == pytest.approx([0, 1 / 3, 1, 1])
    assert measure(scored, "cer").value == pytest.approx((0 + 1 + 2 + 3) / 11)
    assert measure(scored, "cer_seen").value == pytest.approx(3 / 6)
    assert measure(scored, "cer_unseen").value == pytest.approx(3 / 5)
    assert measure(scored, "exact_match").value == 0.25
    assert not measure(scored, "cer").higher_is_better
    assert scored.parsed[2] is None


def test_a_set_without_unseen_words_has_no_figure_for_them() -> None:
    scored = score_reading(frame(["가", "나"], ["가", "다"]), SETTINGS)
    assert {found.metric for found in scored.measures} == {"cer", "cer_seen", "exact_match"}


def test_short_answers_match_any_reference() -> None:
    items = frame(["여름.", "'가을'", "", "봄"], ["여름", "가을", "겨울", "봄철"])
    items["references"] = [["여름"], ["가을"], ["겨울"], ["봄철", "봄"]]
    scored = score_short_answers(items, SETTINGS)
    assert scored.item_scores == [1, 1, 0, 1]
    assert measure(scored, "exact_match").value == 0.75


def test_relative_score_by_hand() -> None:
    """K-LLaVA-W: means of repeats are (8, 6), (9, 9), (10, 3): 100 x (6 + 9 + 3) / (8 + 9 + 10) = 66.7. The absolute
    score is 10 x (6 + 9 + 3) / 3 = 60; the mean of the items' ratios (68.3) is neither."""
    ratings = [[[9.0, 7.0], [7.0, 5.0]], [[9.0, 9.0]], [[10.0, 3.0], [10.0, 3.0]]]
    items = frame(["가", "나", "다"], ["ㄱ", "ㄴ", "ㄷ"], ratings=ratings, asked=[2, 1, 2])
    scored = score_beside_reference(items, SETTINGS)
    assert measure(scored, "relative_score").value == pytest.approx(100 * 18 / 27)
    assert measure(scored, "judge_absolute_x10").value == pytest.approx(60)
    assert scored.item_scores == [6, 9, 3]
    assert measure(scored, "relative_score").details == {"coverage": 1.0, "judgements": 5}


def test_failed_judgements_never_enter_the_mean() -> None:
    """lmms-eval counts them as -1, so that a dead judge reads as 100."""
    items = frame(["가"] * 4, ["ㄱ"] * 4, ratings=[[[8.0, 4.0]], [[8.0, 4.0]], [[8.0, 4.0]], []], asked=[1] * 4)
    kept = score_beside_reference(items, Settings(min_coverage=0.7))
    assert measure(kept, "relative_score").value == pytest.approx(50)
    assert (measure(kept, "relative_score").n, kept.item_scores) == (3, [4, 4, 4, None])
    refused = score_beside_reference(items, Settings(min_coverage=0.8))
    assert refused.measures == []
    assert "only 75% of the judgements succeeded, 80% are wanted" in refused.not_run[0].reason
    dead = score_beside_reference(items.assign(ratings=[[]] * 4), Settings(min_coverage=0.7))
    assert [missing.metric for missing in dead.not_run] == ["relative_score", "judge_absolute_x10"]


def test_without_a_judge_nothing_is_scored() -> None:
    scored = score_same_meaning(frame(["가"], ["ㄱ"]), Settings(no_judge="evaluate.judge is null"))
    assert (scored.measures, scored.item_scores) == ([], [None])
    assert scored.not_run[0].reason == "evaluate.judge is null"


def test_same_meaning_averages_repeats() -> None:
    items = frame(["가", "나"], ["ㄱ", "ㄴ"], ratings=[[[1.0], [0.0]], [[1.0]]], asked=[2, 1])
    assert measure(score_same_meaning(items, SETTINGS), "judge_accuracy").value == pytest.approx(0.75)
