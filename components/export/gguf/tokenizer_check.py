"""Whether llama.cpp reads text as the model's tokenizer does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from components.bundles.llama_cpp.language_model import LoadedModel


@dataclass(frozen=True)
class Difference:
    """Where two tokenizers first part on a text."""

    text: str
    place: int
    """Of the first token that differs."""
    expected: list[str]
    """The tokenizer's tokens from there on, a few."""
    found: list[str]
    """llama.cpp's."""

    def __str__(self) -> str:
        return f"{self.text[:80]!r}: at token {self.place} llama.cpp reads {self.found}, not {self.expected}"


def tokenizer_differences(
    path: Path, tokenizer: PreTrainedTokenizerBase, texts: Iterable[str], most: int = 10
) -> list[Difference]:
    """Texts, at most so many, that a GGUF file's vocabulary reads differently, token by token.

    Args:
        path: of the language model's file.
        tokenizer: the model's.
        texts: to try; special tokens in them are read as such by both.
        most: stop after so many differences.

    Raises:
        NotInstalled: if llama-cpp-python is not there.
    """
    model = LoadedModel(path, vocabulary_only=True)
    read = ((text, tokenizer.encode(text, add_special_tokens=False), model.vocabulary.ids(text)) for text in texts)
    differing = (_difference(text, ours, theirs, tokenizer) for text, ours, theirs in read if ours != theirs)
    return list(islice(differing, most))


def _difference(text: str, ours: list[int], theirs: list[int], tokenizer: PreTrainedTokenizerBase) -> Difference:
    pairs = enumerate(zip_longest(ours, theirs))
    place = next(place for place, (expected, found) in pairs if expected != found)
    expected, found = (tokenizer.convert_ids_to_tokens(ids[place:][:5]) for ids in (ours, theirs))
    return Difference(text, place, expected, found)
