"""A projector's GGUF file in llama.cpp's library for pictures: a picture to image tokens."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from components.bundles.llama_cpp.language_model import LoadedModel
from components.bundles.manifest import AGAIN, BundleError


class Projector:
    """Image encoder and connector. One picture at a time."""

    def __init__(self, path: Path, model: LoadedModel, threads: int | None = None) -> None:
        """Load a file.

        Args:
            path: of the GGUF file.
            model: the language model that the image tokens are for.
            threads: None: as many as there are cores.

        Raises:
            BundleError: if llama.cpp cannot read the file, or it is not of this language model.
        """
        library = model.library.mtmd_cpp
        params = library.mtmd_context_params_default()
        params.n_threads, params.print_timings, params.warmup = threads or os.cpu_count() or 1, False, False
        self._handle = None
        if path.is_file():
            self._handle = library.mtmd_init_from_file(str(path).encode(), model.handle, params)
        if not self._handle:
            raise BundleError(f"{path} is missing, llama.cpp cannot read it, or its width is another model's: {AGAIN}")
        weakref.finalize(self, library.mtmd_free, self._handle)
        self._library, self._model = library, model
        self._width = model.library.llama_model_n_embd(model.handle)

    def features(self, square: Image.Image) -> np.ndarray:
        """Image tokens (tokens, width), float32.

        Args:
            square: of exactly the side that the projector reads; of any other size, llama.cpp would squash it.
        """
        with self._bitmap(square) as bitmap, self._chunks(bitmap) as chunks:
            chunk = self._picture(chunks)
            if self._library.mtmd_encode_chunk(self._handle, chunk):
                raise RuntimeError("llama.cpp could not read the picture")
            tokens = self._library.mtmd_input_chunk_get_n_tokens(chunk)
            found = self._library.mtmd_get_output_embd(self._handle)
            return np.ctypeslib.as_array(found, (tokens, self._width)).copy()

    @contextmanager
    def _bitmap(self, square: Image.Image) -> Iterator[Any]:
        pixels = np.ascontiguousarray(np.asarray(square.convert("RGB"), np.uint8))
        pointer = pixels.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        bitmap = self._library.mtmd_bitmap_init(square.width, square.height, pointer)
        try:
            yield bitmap
        finally:
            self._library.mtmd_bitmap_free(bitmap)

    @contextmanager
    def _chunks(self, bitmap: Any) -> Iterator[Any]:
        marker = self._library.mtmd_default_marker()
        text = self._library.mtmd_input_text(marker, len(marker), False, True)
        chunks = self._library.mtmd_input_chunks_init()
        try:
            bitmaps = (self._library.mtmd_bitmap_p_ctypes * 1)(bitmap)
            if self._library.mtmd_tokenize(self._handle, chunks, ctypes.byref(text), bitmaps, 1):
                raise RuntimeError("llama.cpp could not prepare the picture")
            yield chunks
        finally:
            self._library.mtmd_input_chunks_free(chunks)

    def _picture(self, chunks: Any) -> Any:
        all_chunks = [
            self._library.mtmd_input_chunks_get(chunks, place)
            for place in range(self._library.mtmd_input_chunks_size(chunks))
        ]
        kind = self._library.MTMD_INPUT_CHUNK_TYPE_IMAGE
        return next(chunk for chunk in all_chunks if self._library.mtmd_input_chunk_get_type(chunk) == kind)
