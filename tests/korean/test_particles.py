"""Particles after every kind of ending."""

from __future__ import annotations

import pytest

from components.korean.particles import final_consonant, with_particle


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


@pytest.mark.parametrize(("digit", "final"), list(zip("0123456789", "ㅇㄹ-ㅁ--ㄱㄹㄹ-", strict=True)))
def test_digits_are_read_in_sino_korean(digit: str, final: str) -> None:
    assert final_consonant(digit) == final.replace("-", "")


@pytest.mark.parametrize("noun", ["ß", "Straße", "ﬁ", "ŉ", "", "'", "…", "漢", "😀"])
def test_what_has_no_known_sound_is_no_error(noun: str) -> None:
    assert with_particle(noun, "은")[: len(noun)] == noun


def test_unknown_particle_is_an_error() -> None:
    with pytest.raises(KeyError):
        with_particle("사과", "에게")
