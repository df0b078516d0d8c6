"""What a model says in the end, without what it thought before and without markup."""

from __future__ import annotations

import re
import unicodedata

_ROWS_OF_LETTERS = (0x24D0, 0x1F150, 0x1F170)
"""ⓐ, 🅐 and 🅰, up to z: marks of options that compatibility normalisation leaves, or makes lower case."""
_SIGNS = {first + place: chr(ord("A") + place) for first in _ROWS_OF_LETTERS for place in range(26)}
_UNSEEN = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFE0E, 0xFE0F, 0xFEFF])
_THOUGHT = r"(?:think|thinking|thought|reasoning)>"
_THINKING = re.compile(rf"\A.*</{_THOUGHT}|<{_THOUGHT}.*\Z", re.DOTALL | re.IGNORECASE)
"""Up to the last end of thinking (chat templates may have opened it in the prompt), or from a start without end."""
_MARKUP = re.compile(
    r"\\[a-z]+\{"  # \text{, \mathbf{
    r"|\\[()\[\]]"
    r"|</?(?:b|strong|i|em|u)>"
    r"|```[a-z]*|[*`$]+"
    r"|^[ \t]*(?:#+|[>•|-])[ \t]+"
    r"|(?<![A-Za-z0-9])_+|_+(?![A-Za-z0-9])",
    re.MULTILINE,
)
_BREAK = re.compile(r"<\|[^|<>\n]{1,40}\|>|</?(?:s|p|br)\s*/?>")
"""Special tokens of chat templates, and tags that end a line."""
_STRUCK = re.compile(r"~~[^~\n]*~~")
_EMPTY_LINES = re.compile(r"\n{3,}")
_BOXED = re.compile(r"\\(?:boxed|fbox|framebox)\s*\{")


def final_part(response: str) -> str:
    """The answer in NFKC without invisible characters, thinking, struck text, markup and runs of white space.

    ``\\boxed{`` becomes 정답, which it means.
    """
    text = unicodedata.normalize("NFKC", response.translate(_SIGNS).translate(_UNSEEN))
    text = _BREAK.sub("\n", _STRUCK.sub("", _THINKING.sub("", text)))
    text = _MARKUP.sub("", _BOXED.sub("\n정답: ", text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
