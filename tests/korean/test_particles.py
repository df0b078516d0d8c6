"""Particles after every kind of ending."""

from __future__ import annotations

import unicodedata

import pytest

from components.korean.nouns import Noun
from components.korean.particles import PARTICLES, final_consonant, with_particle


@pytest.mark.parametrize(
    ("noun", "topic", "subject", "object_", "together", "called", "towards"),
    [
        ("사과", "사과는", "사과가", "사과를", "사과와", "사과라는", "사과로"),
        ("수박", "수박은", "수박이", "수박을", "수박과", "수박이라는", "수박으로"),
        ("가을", "가을은", "가을이", "가을을", "가을과", "가을이라는", "가을로"),
        ("힣", "힣은", "힣이", "힣을", "힣과", "힣이라는", "힣으로"),
        ("'출구'", "'출구'는", "'출구'가", "'출구'를", "'출구'와", "'출구'라는", "'출구'로"),
        ("(병원)", "(병원)은", "(병원)이", "(병원)을", "(병원)과", "(병원)이라는", "(병원)으로"),
        ("“서울”", "“서울”은", "“서울”이", "“서울”을", "“서울”과", "“서울”이라는", "“서울”로"),
        ("2", "2는", "2가", "2를", "2와", "2라는", "2로"),
        ("3", "3은", "3이", "3을", "3과", "3이라는", "3으로"),
        ("8", "8은", "8이", "8을", "8과", "8이라는", "8로"),
        ("10", "10은", "10이", "10을", "10과", "10이라는", "10으로"),
        ("A", "A는", "A가", "A를", "A와", "A라는", "A로"),
        ("URL", "URL은", "URL이", "URL을", "URL과", "URL이라는", "URL로"),
        ("com", "com은", "com이", "com을", "com과", "com이라는", "com으로"),
    ],
)
def test_form_follows_the_last_sound(
    noun: str, topic: str, subject: str, object_: str, together: str, called: str, towards: str
) -> None:
    particles = ("은", "이", "을", "과", "이라는", "으로")
    assert [with_particle(noun, p) for p in particles] == [topic, subject, object_, together, called, towards]


# Read aloud: topic (은/는) and direction ((으)로) tell consonants, ㄹ and vowels apart.
ENDINGS = {
    "vowel": """
        사과 나무 커피 의자 바다 회의 뭐 얘 게 서울시 '바나나' (고기) [나] “오이” 사과. 사과! 사과? 사과…
        2 4 5 9 12 45 99 1.2 1.5 A B C D E F G H I J K O P Q S T U V W X Y Z LED KTX TV USB AI SUV IP
        data cafe bus taxi video camera software 25℃ 36.5° 7% 20cm 5km 1.8L 500ml 90kcal 10$ 漢
        ２ ＫＴＸ 5m³ 7㎥ 3㎡ ㅏ 010-1234-5679
    """,
    "ㄹ": """
        가을 서울 딸 쌀 물 '길' (말) 「글」 겨울. ㄹ 1 7 8 11 27 108 1,001 3.7 ① ⑦ ⑧
        L R URL hotel Google apple mobile style mail
    """,
    "consonant": """
        수박 책 빵 병원 힣 값 닭 흙 '출국' (집) “문” 밥. ㄱ 0 3 6 10 13 26 40 100 300 1000 7,000 10000 50,000 300000000
        10억 2.0 1.6 ③ ⑥ ⑩ M N BTM ATM PIN com team phone game internet robot book click shop king Samsung music cup
        100g 3kg 3t 3h １０ 5㎏ ＰＩＮ 1만 2천 10,000,000 0.10 web
    """,
}


@pytest.mark.parametrize(("noun", "kind"), [(noun, kind) for kind, nouns in ENDINGS.items() for noun in nouns.split()])
def test_sound_of_every_kind_of_ending(noun: str, kind: str) -> None:
    topic, towards = {"vowel": ("는", "로"), "ㄹ": ("은", "로"), "consonant": ("은", "으로")}[kind]
    assert with_particle(noun, "은") == noun + topic
    assert with_particle(noun, "으로") == noun + towards


@pytest.mark.parametrize("particle", sorted(PARTICLES))
def test_every_particle_has_two_forms(particle: str) -> None:
    assert with_particle("책", particle) == f"책{particle}"
    assert with_particle("차", particle) != f"차{particle}"


@pytest.mark.parametrize(
    ("template", "noun", "text"),
    [
        ("{x:은} 무엇인가요?", "수박", "수박은 무엇인가요?"),
        ("{x:'은} 어디에 있나요?", "출구", "'출구'는 어디에 있나요?"),
        ("{x:'으로} 가세요", "서울", "'서울'로 가세요"),
        ("{x} 맛있는 {x:이}", "딸기", "딸기 맛있는 딸기가"),
        ("{x:'}", "A", "'A'"),
    ],
)
def test_nouns_take_particles_in_templates(template: str, noun: str, text: str) -> None:
    assert template.format(x=Noun(noun)) == text


def test_templates_with_an_unknown_particle_are_an_error() -> None:
    with pytest.raises(ValueError, match="unknown particle '에게': use one of"):
        "{x:에게}".format(x=Noun("사과"))


@pytest.mark.parametrize(("digit", "final"), list(zip("0123456789", "ㅇㄹ-ㅁ--ㄱㄹㄹ-", strict=True)))
def test_digits_are_read_in_sino_korean(digit: str, final: str) -> None:
    assert final_consonant(digit) == final.replace("-", "")


@pytest.mark.parametrize("noun", ["ß", "Straße", "ﬁ", "ŉ", "", "'", "…", "漢", "😀"])
def test_what_has_no_known_sound_is_no_error(noun: str) -> None:
    assert with_particle(noun, "은")[: len(noun)] == noun


def test_decomposed_hangul_sounds_the_same() -> None:
    decomposed = unicodedata.normalize("NFD", "수박")
    assert with_particle(decomposed, "으로") == f"{decomposed}으로"


def test_unknown_particle_is_an_error() -> None:
    with pytest.raises(KeyError):
        with_particle("사과", "에게")
