"""llama.cpp's own quantiser, through its library."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from components.bundles.llama_cpp.library import load_library
from components.files.atomic import new_file
from components.stages.errors import UserError


class NotQuantised(UserError):
    """llama.cpp refused; its own message stands before it on the error stream."""


def quantise(source: Path, target: Path, kind: str, importance: Mapping[str, np.ndarray] | None = None) -> None:
    """Write a file with fewer bits a weight.

    Args:
        source: a GGUF file in F32.
        target: the file to write.
        kind: by llama.cpp's name, such as Q8_0 or Q4_K_M.
        importance: mean squares of each matrix's inputs, (columns,), by its name in the file.

    Raises:
        NotInstalled: if llama-cpp-python is not there.
        NotQuantised: if llama.cpp does not know the type, or fails.
    """
    library = load_library()
    params = library.llama_model_quantize_default_params()
    params.nthread = os.cpu_count() or 1
    params.ftype = _file_type(library, kind)
    kept = _as_array(library, importance or {})  # must live until the call has returned
    if importance:
        params.imatrix = kept
    with new_file(target) as part:
        code = library.llama_model_quantize(str(source).encode(), str(part).encode(), ctypes.byref(params))
        if code:
            raise NotQuantised(f"llama.cpp could not quantise {source} to {kind} (code {code})")


def _file_type(library: Any, kind: str) -> int:
    found = getattr(library, f"LLAMA_FTYPE_MOSTLY_{kind}", None)
    if found is None:
        raise NotQuantised(f"this llama.cpp has no type {kind}: try Q8_0, Q6_K, Q5_K_M, Q4_K_M or Q4_0")
    return int(found)


def _as_array(library: Any, importance: Mapping[str, np.ndarray]) -> Any:
    """A C array whose last entry has no name, which ends it (include/llama.h, llama_model_imatrix_data)."""
    entries = (library.llama_model_imatrix_data * (len(importance) + 1))()
    for entry, (name, values) in zip(entries, importance.items(), strict=False):
        contiguous = np.ascontiguousarray(values, np.float32)
        # A ctypes array, unlike a pointer, is kept alive by the structure that it is assigned to.
        entry.name = name.encode()
        entry.data = (ctypes.c_float * contiguous.size).from_buffer_copy(contiguous.tobytes())
        entry.size = contiguous.size
    return entries
