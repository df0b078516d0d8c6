"""llama.cpp's library, an optional extra of the project: loaded where it is needed and nowhere else."""

from __future__ import annotations

import ctypes
import logging
from functools import cache
from typing import Any

from components.bundles.manifest import BundleError

INSTALL = "pip install 'small-korean-vlm[gguf]'"
_ERROR = 4
"""ggml/include/ggml.h, ``GGML_LOG_LEVEL_ERROR``. The bindings' own logger knows older numbers, and hides errors."""

_log = logging.getLogger(__name__)


class NotInstalled(BundleError):
    """llama-cpp-python is not there."""


@cache
def load_library() -> Any:
    """The module ``llama_cpp`` with its part ``mtmd_cpp``, quiet but for errors, which are logged.

    Raises:
        NotInstalled: with the command that installs it.
    """
    try:
        import llama_cpp
        import llama_cpp.mtmd_cpp
    except ImportError as error:
        raise NotInstalled(
            f"GGUF files need llama-cpp-python ({error}): {INSTALL} (it compiles for minutes)"
        ) from error
    llama_cpp.llama_log_set(_forward, None)
    llama_cpp.mtmd_cpp.mtmd_log_set(_forward, None)
    llama_cpp.llama_backend_init()
    return llama_cpp


def runtime_version() -> str:
    """Of the bindings and of the llama.cpp that is compiled into them.

    Raises:
        NotInstalled: if they are not there.
    """
    library = load_library()
    return f"llama-cpp-python {library.__version__} (llama.cpp {library.llama_version().decode()})"


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def _forward(level: int, text: bytes, _user_data: Any) -> None:
    _log.log(logging.ERROR if level == _ERROR else logging.DEBUG, "%s", text.decode(errors="replace").rstrip())
