"""Whether the llama.cpp at hand computes image tokens rightly: released versions do not for every file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from components.bundles.llama_cpp.library import NotInstalled, runtime_version
from components.bundles.parts import Parts

RIGHT_COSINE, RIGHT_PATTERN = 0.999, 0.99
_WITH_CLS = (
    "image encoder with class token: right only on a llama.cpp with pull request 25844, which puts it before the "
    "patches (issue 25814); others hand it on as an image token and give every patch its neighbour's position"
)
_WITHOUT_CLS = "image encoder without class token (model.use_cls: false): right on every llama.cpp with this connector"


@dataclass(frozen=True)
class Verdict:
    """What was found out about one runtime and one projector file."""

    cosine: float | None
    """Mean over image tokens; None: not run."""
    pattern: float | None
    """The same of what tells tokens apart: the mean token is taken from each before. Where tokens have much in common,
    as they have in weak encoders, tokens in wrong places show here alone."""
    runtime: str | None
    """Versions of the bindings and of llama.cpp; None: not run."""
    right_versions: str
    """Which versions are right for such a file."""
    reason: str
    """Why the file is, or is not, called verified."""

    @property
    def is_right(self) -> bool:
        """Whether the runtime at hand was run, and computes what the model computes."""
        if self.cosine is None or self.pattern is None:
            return False
        return self.cosine >= RIGHT_COSINE and self.pattern >= RIGHT_PATTERN


def check_projector(reference: np.ndarray, found: np.ndarray, use_cls: bool) -> Verdict:
    """Compare the runtime's image tokens with the model's.

    Args:
        reference: the model's, (tokens, width), or of several pictures one above the other; not of blank ones.
        found: the runtime's, of the same pictures.
        use_cls: the model's.

    Raises:
        NotInstalled: if llama-cpp-python, which they must come from, is not there.
    """
    right, runtime = _WITH_CLS if use_cls else _WITHOUT_CLS, runtime_version()
    if reference.shape != found.shape:
        reason = f"refused: image tokens have shape {found.shape}, not {reference.shape}"
        return Verdict(-1.0, -1.0, runtime, right, reason)
    common = reference.mean(0)
    cosine, pattern = _cosine(reference, found), _cosine(reference - common, found - common)
    verdict = Verdict(cosine, pattern, runtime, right, "")
    word = "verified" if verdict.is_right else "refused"
    reason = (
        f"{word}: cosine of image tokens {cosine:.6f} (at least {RIGHT_COSINE}), without what they have in common "
        f"{pattern:.6f} (at least {RIGHT_PATTERN})"
    )
    return replace(verdict, reason=reason)


def verify_projector(
    original: Parts, open_runtime: Callable[[], Parts], pictures: Sequence[Image.Image], use_cls: bool
) -> Verdict:
    """Ask the model and the runtime for the same pictures' image tokens; without a runtime, say so.

    Args:
        original: the model.
        open_runtime: opens the files, such as ``lambda: LlamaCppRuntime(folder)``; called once.
        pictures: at least one, not blank.
        use_cls: the model's.
    """
    try:
        runtime = open_runtime()
    except NotInstalled as error:
        return Verdict(None, None, None, _WITH_CLS if use_cls else _WITHOUT_CLS, f"not run: {error}")
    reference, found = (np.concatenate([parts.features(one) for one in pictures]) for parts in (original, runtime))
    return check_projector(reference, found, use_cls)


def _cosine(first: np.ndarray, second: np.ndarray) -> float:
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    return float(((first * second).sum(-1) / np.maximum(lengths, 1e-12)).mean())
