"""Next-token distributions of two models over one text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax

_AT_ONCE = 32
"""Positions whose distributions are in memory at a time: 32 x 110,592 x 8 bytes are 28 MB."""


@dataclass(frozen=True)
class Tokens:
    """What two models think of the tokens of some answers, (tokens,) each."""

    kl: np.ndarray
    """KL(model || bundle) in nats."""
    same: np.ndarray
    """Whether the most likely token is the same one."""
    loss: np.ndarray
    """The model's negative log likelihood of the true token, in nats."""
    bundle_loss: np.ndarray
    """The bundle's."""


def compare_logits(model: np.ndarray, bundle: np.ndarray, true: np.ndarray) -> Tokens:
    """Compare logits (tokens, vocabulary) of both, in float64; ``true`` holds the tokens that followed (tokens,).

    KL(P || Q) = sum over the vocabulary of P (log P - log Q).

    Raises:
        ValueError: if the shapes differ.
    """
    if model.shape != bundle.shape or len(true) != len(model):
        raise ValueError(f"logits of shapes {model.shape} and {bundle.shape} for {len(true)} tokens: all must agree")
    starts = range(0, len(true), _AT_ONCE)
    parts = [_compare(*(each[start : start + _AT_ONCE] for each in (model, bundle, true))) for start in starts]
    return join(parts)


def join(parts: list[Tokens]) -> Tokens:
    """Several texts' tokens as one."""
    names = ("kl", "same", "loss", "bundle_loss")
    return Tokens(*(np.concatenate([np.empty(0), *(getattr(part, name) for part in parts)]) for name in names))


def _compare(model: np.ndarray, bundle: np.ndarray, true: np.ndarray) -> Tokens:
    p, q = (log_softmax(logits.astype(np.float64), axis=-1) for logits in (model, bundle))
    rows = np.arange(len(true))
    return Tokens(
        kl=(np.exp(p) * (p - q)).sum(axis=-1),
        same=(p.argmax(axis=-1) == q.argmax(axis=-1)).astype(float),
        loss=-p[rows, true],
        bundle_loss=-q[rows, true],
    )
