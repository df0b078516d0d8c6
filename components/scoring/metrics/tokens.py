"""Korean text to morphemes. The choice moves CIDEr-D a lot, so its name stands beside the score."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from mecab import MeCab

_VERSIONS = f"python-mecab-ko {version('python-mecab-ko')}, dictionary {version('python-mecab-ko-dic')}"
TOKENISER = f"{_VERSIONS}, symbols dropped"
_SYMBOLS = {"SF", "SE", "SSO", "SSC", "SC", "SY"}


def tokenise(text: str) -> list[str]:
    """Morphemes without punctuation and other symbols."""
    return [morpheme for morpheme, tag in _mecab().pos(text) if tag not in _SYMBOLS]


@cache
def _mecab() -> MeCab:
    return MeCab()
