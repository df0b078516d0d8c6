"""Talking to a bundle in llama.cpp, in process."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from components.bundles.conversation import Ending, Stream, Turn, read_template, render
from components.bundles.llama_cpp.parts import LlamaCppParts


class LlamaCppRuntime(LlamaCppParts):
    """A loaded bundle (components.bundles.runtime.Runtime). One answer at a time."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        """Load a bundle: one language model, one projector, and the chat template.

        Args:
            folder: of the bundle.
            threads: None: as many as there are cores.

        Raises:
            BundleError: naming the file that is missing or damaged, or how to install llama.cpp.
        """
        super().__init__(folder, threads)
        self._template = read_template(folder)
        self._image_token = self._language_model.vocabulary.text(self._language_model.image_token_id)

    def prompt_ids(self, turns: Sequence[Turn], image_tokens: int) -> list[int]:
        """A conversation's ids up to where the answer begins.

        Args:
            turns: the last is the user's.
            image_tokens: how many stand for the picture; 0: there is none.
        """
        said = [Turn(turn.role, turn.text.replace(self._image_token, "")) for turn in turns]
        # A picture is its token and a line break, as in training.
        prompt = render(self._template, said, f"{self._image_token}\n" if image_tokens else "")
        image = self._language_model.image_token_id
        ids = self._language_model.vocabulary.ids(prompt)
        return [each for token in ids for each in [token] * (image_tokens if token == image else 1)]

    def tokens(
        self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int, stop: bool = True
    ) -> Iterator[int]:
        """The answer's ids, decoded greedily; without ``stop``, ids that end an answer are like any other."""
        ids, features = self._read(turns, picture)
        yield from self._language_model.greedy(ids, features, max_new_tokens, stop)

    def stream(self, turns: Sequence[Turn], picture: Image.Image | None, max_new_tokens: int) -> Stream:
        """The answer to a conversation, piece by piece, decoded greedily; no piece ends within a character."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        ids, features = self._read(turns, picture)
        count = 0
        for token in self._language_model.greedy(ids, features, max_new_tokens):
            count += 1
            if piece := decoder.decode(self._language_model.vocabulary.piece(token)):
                yield piece
        if rest := decoder.decode(b"", final=True):
            yield rest
        return Ending(len(ids), count, is_cut=count == max_new_tokens)

    def _read(self, turns: Sequence[Turn], picture: Image.Image | None) -> tuple[list[int], np.ndarray | None]:
        """A prompt's ids, and what stands in the places of its picture."""
        features = None if picture is None else self.features(picture)
        return self.prompt_ids(turns, 0 if features is None else len(features)), features
