"""A GGUF file's vocabulary, as llama.cpp reads it."""

from __future__ import annotations

import ctypes
from typing import Any


class Vocabulary:
    """Text to ids and back, by a model that llama.cpp has loaded and that must outlive this object."""

    def __init__(self, library: Any, model: Any) -> None:
        self._library, self._vocabulary = library, library.llama_model_get_vocab(model)

    def __len__(self) -> int:
        return int(self._library.llama_vocab_n_tokens(self._vocabulary))

    def ids(self, text: str) -> list[int]:
        """A text's ids; special tokens in it are read as such, and none is added."""
        content = text.encode()
        room = len(content) + 1
        found = (ctypes.c_int32 * room)()
        count = self._library.llama_tokenize(self._vocabulary, content, len(content), found, room, False, True)
        if count < 0:
            raise ValueError(f"llama.cpp cannot tokenise a text of {len(content)} bytes")
        return list(found[:count])

    def piece(self, token: int) -> bytes:
        """The UTF-8 bytes, perhaps part of a character, that a token stands for; none for a special token."""
        buffer = ctypes.create_string_buffer(256)
        count = self._library.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        if count < 0:
            buffer = ctypes.create_string_buffer(-count)
            count = self._library.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[:count]

    def text(self, token: int) -> str:
        """A token as the file writes it."""
        return str(self._library.llama_vocab_get_text(self._vocabulary, token).decode())

    def ends(self, token: int) -> bool:
        """Whether llama.cpp stops an answer there."""
        return bool(self._library.llama_vocab_is_eog(self._vocabulary, token))
