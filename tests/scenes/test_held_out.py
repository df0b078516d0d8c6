"""What training never shows: unseen words, and digit scans of other splits."""

from __future__ import annotations

import random

import pytest

from components.scenes.digits import Digits, scan_buckets
from components.scenes.scene import SPLITS, Split, bucket_split
from components.scenes.vocabulary import KIND_OF_WORD, MAX_SYLLABLES, SEEN_WORDS, SIGN_WORDS, UNSEEN_WORDS
from components.scenes.words import Sign


def test_words_are_either_seen_or_unseen() -> None:
    assert sorted(SEEN_WORDS + UNSEEN_WORDS) == sorted(SIGN_WORDS)
    assert not set(SEEN_WORDS) & set(UNSEEN_WORDS)
    assert len(UNSEEN_WORDS) >= 20
    assert all(1 <= len(word) <= MAX_SYLLABLES for word in SIGN_WORDS)


def test_each_syllable_of_an_unseen_word_stands_in_a_seen_one() -> None:
    known = {syllable for word in SEEN_WORDS for syllable in word}
    assert all(set(word) <= known for word in UNSEEN_WORDS)


def test_no_sign_of_training_shows_an_unseen_word() -> None:
    rng = random.Random(11)
    shown = {word.text for _ in range(3000) for word in Sign.sample(rng).words}
    assert shown <= set(SEEN_WORDS)
    assert len(shown) > len(SEEN_WORDS) * 0.9


def test_unseen_words_are_neither_offered_as_options_nor_asked_for_their_kind() -> None:
    rng = random.Random(12)
    options = {
        option
        for _ in range(500)
        for choice in Sign.sample(rng).choices(rng)
        if choice.skill == "read"
        for option in choice.options(0)
    }
    assert not options & set(UNSEEN_WORDS)
    assert not set(KIND_OF_WORD) & set(UNSEEN_WORDS)


def test_every_scan_has_one_bucket() -> None:
    members = [index for bucket in scan_buckets().values() for index in bucket]
    assert sorted(members) == list(range(1797))


@pytest.mark.parametrize("split", SPLITS)
def test_scans_of_a_picture_are_of_its_split(split: Split) -> None:
    own = {i for bucket, members in scan_buckets().items() if bucket_split(bucket) == split for i in members}
    rng = random.Random(13)
    pictures = [Digits.sample(rng, split) for _ in range(300)]
    assert {picture.split for picture in pictures} == {split}
    assert {scan.index for picture in pictures for scan in picture.scans} <= own


def test_pages_of_digits_keep_to_one_bucket() -> None:
    rng = random.Random(14)
    for page in (Digits.sample_page(rng) for _ in range(100)):
        assert {scan.index for scan in page.scans} <= set(scan_buckets()[page.bucket])
