"""Templates: the shipped ones, users' own, and what is wrong with some."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from components.evaluate.judge import template
from components.evaluate.judge.errors import JudgeError, TemplateError
from components.evaluate.judge.template import load_template
from components.params.evaluation import JudgeTemplate
from tests.evaluate.judge.world import PAIR, VERDICT, case

OWN = "rating: pair\nsystem: null\nuser: '{caption} {question} {first} {second}'\n"


def write(folder: Path, text: str) -> dict[str, str]:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return {"llava-w": str(path)}


def test_params_name_the_files_that_are_shipped() -> None:
    assert {file.stem for file in (Path(template.__file__).parent / "templates").glob("*.yaml")} == {
        *get_args(JudgeTemplate)
    }


def test_all_that_a_judge_needs_is_in_the_request() -> None:
    for wording in (PAIR, VERDICT):
        fields = case(1).fields
        said = wording.messages(fields, is_swapped=False)
        assert [message["role"] for message in said] == ["system", "user"]
        told = [fields[name] for name in ("question", "reference", "answer")]
        assert all(text in said[1]["content"] for text in told)
    assert fields["caption"] in PAIR.messages(fields, is_swapped=False)[1]["content"]


def test_swapped_answers_change_places_and_nothing_else() -> None:
    straight, swapped = (
        PAIR.messages({**case(1).fields, "reference": "가가", "answer": "나나"}, is_swapped)[1]["content"]
        for is_swapped in (False, True)
    )
    assert straight.index("가가") < straight.index("나나")
    assert swapped == straight.replace("가가", "*").replace("나나", "가가").replace("*", "나나")


def test_braces_in_an_answer_stay_as_they_are() -> None:
    said = PAIR.messages({**case(1).fields, "answer": "{caption} {0} {"}, is_swapped=False)[1]["content"]
    assert "{caption} {0} {" in said


def test_texts_are_composed() -> None:
    decomposed = "\u1100\u1161"
    assert "가" in PAIR.messages({**case(1).fields, "answer": decomposed}, is_swapped=False)[1]["content"]


def test_a_users_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    own = load_template("llava-w", write(tmp_path, OWN))
    fields = {"caption": "a", "question": "b", "reference": "c", "answer": "d"}
    assert own.messages(fields, is_swapped=True) == [{"role": "user", "content": "a b d c"}]
    assert own.digest != PAIR.digest
    assert load_template("same-meaning", {"llava-w": "nowhere"}) == VERDICT


def test_the_digest_is_of_the_words_alone(tmp_path: Path) -> None:
    plain = load_template("llava-w", write(tmp_path, OWN)).digest
    assert load_template("llava-w", write(tmp_path, f"# a remark\n{OWN}")).digest == plain
    assert load_template("llava-w", write(tmp_path, OWN.replace("null", "심사하세요"))).digest != plain


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OWN.replace("{first}", "{frist}"), "user: {frist} is unknown; allowed: {caption}, {first}"),
        (OWN.replace("{second}", ""), "user: {second} missing"),
        (OWN.replace("{second}", "{second:>10}"), "user: {second} takes nothing"),
        (OWN.replace("{second}", "{second.x}"), "user: {second.x} is unknown"),
        (OWN.replace("{second}", "{second} {"), "user: .*braces"),
        (OWN.replace("null", "'{who}'"), "system: {who} is unknown"),
        (OWN.replace("pair", "stars"), "rating: "),
        (OWN.replace("system: null\n", ""), "system: Field required"),
        (OWN + "colour: red\n", "colour: "),
        ("- pair", "whole file"),
        ("", "whole file"),
        ("a: [", "is not YAML"),
        ("rating: verdict\nsystem: null\nuser: '{question} {reference} {answer}'", "rating: found verdict"),
    ],
)
def test_a_wrong_file_is_named_with_its_field(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(TemplateError, match=rf"own\.yaml:? .*{told.replace('{', '[{]')}"):
        load_template("llava-w", write(tmp_path, text))


def test_a_missing_file_is_named_with_its_parameter() -> None:
    with pytest.raises(TemplateError, match=r"nowhere\.yaml: No such file.*evaluate\.judge\.templates"):
        load_template("llava-w", {"llava-w": "nowhere.yaml"})


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_bytes("user: 질문".encode("cp949"))
    with pytest.raises(TemplateError, match="not YAML in UTF-8"):
        load_template("llava-w", {"llava-w": str(tmp_path / "own.yaml")})


def test_a_case_without_a_field_is_told() -> None:
    with pytest.raises(JudgeError, match="llava-w needs the field caption"):
        PAIR.messages({"question": "a", "reference": "b", "answer": "c"}, is_swapped=False)
