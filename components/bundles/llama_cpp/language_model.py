"""A language model's GGUF file in llama.cpp: ids, with image tokens in their places, to logits and to answers."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from components.bundles.llama_cpp import names
from components.bundles.llama_cpp.library import load_library
from components.bundles.llama_cpp.vocabulary import Vocabulary
from components.bundles.manifest import AGAIN, BundleError
from components.stages.errors import UserError

_AT_ONCE = 512
"""Positions that llama.cpp reads in one call: its own default."""
_STEP = 1024
"""Contexts grow by so many positions: keys and values take memory for all of them."""


class TooLong(UserError):
    """A text has more positions than the model was trained with."""


class LoadedModel:
    """A GGUF file that llama.cpp holds, freed with the object."""

    def __init__(self, path: Path, vocabulary_only: bool = False) -> None:
        self.library = load_library()
        params = self.library.llama_model_default_params()
        params.vocab_only = vocabulary_only
        self.handle = self.library.llama_model_load_from_file(str(path).encode(), params) if path.is_file() else None
        if not self.handle:
            raise BundleError(f"{path} is missing, or llama.cpp cannot read it: {AGAIN}")
        weakref.finalize(self, self.library.llama_model_free, self.handle)
        self.vocabulary = Vocabulary(self.library, self.handle)

    def value(self, key: str) -> str | None:
        """What the file says under a key; numbers as text."""
        buffer = ctypes.create_string_buffer(64)
        length = self.library.llama_model_meta_val_str(self.handle, key.encode(), buffer, len(buffer))
        return buffer.value.decode() if length >= 0 else None


class LanguageModel:
    """One text at a time, each from an empty state."""

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Load a file.

        Args:
            path: of the GGUF file.
            threads: None: as many as there are cores.

        Raises:
            BundleError: if llama.cpp cannot read it, or it is not a language model of this project.
        """
        self.model = LoadedModel(path)
        self._library, self._threads = self.model.library, threads or os.cpu_count() or 1
        self._width = self._library.llama_model_n_embd(self.model.handle)
        self._longest = self._library.llama_model_n_ctx_train(self.model.handle)
        self._context: _Context | None = None
        image_token = self.model.value(names.IMAGE_TOKEN_ID)
        if image_token is None:
            raise BundleError(f"{path} has no key {names.IMAGE_TOKEN_ID}: it is no language model of this project")
        self.image_token_id = int(image_token)

    @property
    def vocabulary(self) -> Vocabulary:
        """Text to ids and back."""
        return self.model.vocabulary

    def logits(self, ids: Sequence[int], features: np.ndarray | None, first: int = 0) -> np.ndarray:
        """Logits (len(ids) - first, vocabulary), float32, of a text's positions from ``first`` on.

        Args:
            ids: with as many image tokens as ``features`` has rows.
            features: (image tokens, width), float32.
            first: the first position that is asked for.

        Raises:
            TooLong: if there are more ids than positions that the model knows.
            ValueError: if image tokens and rows of ``features`` are not equally many, or of the wrong width.
        """
        return self._read(self._empty(len(ids)), ids, features, first)

    def greedy(
        self, ids: Sequence[int], features: np.ndarray | None, max_new_tokens: int, stop: bool = True
    ) -> Iterator[int]:
        """The most likely ids that follow, up to, and without, one that ends an answer.

        Args:
            ids: of the prompt, with as many image tokens as ``features`` has rows.
            features: (image tokens, width), float32.
            max_new_tokens: at most so many, and no more than the model knows positions.
            stop: whether to look for the end; if not, ids that end an answer are like any other.

        Raises:
            TooLong: if the prompt alone has more ids than positions that the model knows.
            ValueError: if image tokens and rows of ``features`` are not equally many, or of the wrong width.
        """
        end = min(len(ids) + max_new_tokens, max(self._longest, len(ids)))
        context = self._empty(end)
        logits = self._read(context, ids, features, len(ids) - 1)
        for place in range(len(ids), end):
            token = int(logits[-1].argmax())
            if stop and self.vocabulary.ends(token):
                return
            yield token
            if place + 1 < end:
                logits = context.decode(place, np.array([token], np.int32), place)

    def _empty(self, length: int) -> _Context:
        if length > self._longest:
            raise TooLong(f"the text has {length} tokens, the model knows {self._longest}: shorten it")
        if self._context is None or self._context.length < length:
            self._context = None  # freed before the larger one is made
            room = min(self._longest, -(-length // _STEP) * _STEP)
            self._context = _Context(self.model, room, self._width, self._threads)
        self._context.clear()
        return self._context

    def _read(self, context: _Context, ids: Sequence[int], features: np.ndarray | None, first: int) -> np.ndarray:
        known = np.asarray(ids, np.int32)
        pictured = known == self.image_token_id if features is not None else np.zeros(len(known), bool)
        if features is not None and features.shape != (int(pictured.sum()), self._width):
            raise ValueError(
                f"features have shape {features.shape}, the text has {int(pictured.sum())} image tokens of width "
                f"{self._width}"
            )
        logits = []
        for start, end in _runs(pictured):
            values = known[start:end]
            if features is not None and pictured[start]:
                values = features[pictured[:start].sum() :][: end - start]
            logits.append(context.decode(start, values, first))
        return np.concatenate(logits)


class _Context:
    """llama.cpp's state for one text, and the two batches that it is fed with: of ids, and of embeddings."""

    def __init__(self, model: LoadedModel, length: int, width: int, threads: int) -> None:
        self._library, self._model, self.length = model.library, model, length
        params = self._library.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = length, _AT_ONCE, _AT_ONCE
        params.n_threads = params.n_threads_batch = threads
        self._handle = self._library.llama_init_from_model(model.handle, params)
        if not self._handle:
            raise MemoryError(f"llama.cpp has no memory for a text of {length} tokens")
        self._ids = self._library.llama_batch_init(_AT_ONCE, 0, 1)
        self._embedded = self._library.llama_batch_init(_AT_ONCE, width, 1)
        # The model is named last, so that it is alive while its context is freed.
        weakref.finalize(self, _free, self._library, self._handle, self._ids, self._embedded, model)

    def clear(self) -> None:
        """Forget all that was read."""
        self._library.llama_memory_clear(self._library.llama_get_memory(self._handle), False)

    def decode(self, start: int, values: np.ndarray, first: int) -> np.ndarray:
        """Read ids (n,) or embeddings (n, width) at positions from ``start`` on; n is at most 512.

        Returns:
            Logits (positions from ``first`` on, vocabulary), float32.
        """
        count = len(values)
        batch = self._ids if values.ndim == 1 else self._embedded
        wanted = np.arange(start, start + count) >= first
        batch.n_tokens = count
        np.ctypeslib.as_array(batch.token if values.ndim == 1 else batch.embd, (values.size,))[:] = values.ravel()
        np.ctypeslib.as_array(batch.pos, (count,))[:] = np.arange(start, start + count)
        np.ctypeslib.as_array(batch.n_seq_id, (count,))[:] = 1
        np.ctypeslib.as_array(batch.logits, (count,))[:] = wanted
        for place in range(count):
            batch.seq_id[place][0] = 0
        code = self._library.llama_decode(self._handle, batch)
        if code:
            raise RuntimeError(f"llama.cpp could not read {count} positions from {start} on (code {code})")
        vocabulary = len(self._model.vocabulary)
        if not wanted.any():
            return np.empty((0, vocabulary), np.float32)
        found = self._library.llama_get_logits(self._handle)
        return np.ctypeslib.as_array(found, (int(wanted.sum()), vocabulary)).copy()


def _free(library: Any, context: Any, ids: Any, embedded: Any, _model: LoadedModel) -> None:
    library.llama_batch_free(ids)
    library.llama_batch_free(embedded)
    library.llama_free(context)


def _runs(pictured: np.ndarray) -> Iterator[tuple[int, int]]:
    """Stretches (start, end) of one kind, of image tokens or of others, none longer than is read at once."""
    edges = [0, *(np.flatnonzero(np.diff(pictured)) + 1).tolist(), len(pictured)]
    for start, end in pairwise(edges):
        yield from ((place, min(place + _AT_ONCE, end)) for place in range(start, end, _AT_ONCE))
