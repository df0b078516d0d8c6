"""Divergences by hand, and beside SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy

from components.export.quality.tokens import compare_logits


def test_by_hand() -> None:
    """P = (1/2, 1/4, 1/4), Q = (1/4, 1/4, 1/2): KL = 1/2 ln 2 + 0 - 1/4 ln 2 = 1/4 ln 2."""
    model, bundle = np.log([[0.5, 0.25, 0.25]]), np.log([[0.25, 0.25, 0.5]])
    found = compare_logits(model, bundle, np.array([2]))
    assert found.kl[0] == pytest.approx(np.log(2) / 4)
    assert found.same.tolist() == [0.0]
    assert (found.loss[0], found.bundle_loss[0]) == pytest.approx((np.log(4), np.log(2)))


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), tokens=st.integers(1, 90), scale=st.floats(0.01, 30))
def test_as_scipy_has_it(seed: int, tokens: int, scale: float) -> None:
    """Any number of tokens, whatever is computed at once."""
    rng = np.random.default_rng(seed)
    model, bundle = (rng.normal(scale=scale, size=(tokens, 257)).astype(np.float32) for _ in range(2))
    true = rng.integers(0, 257, tokens)
    found = compare_logits(model, bundle, true)
    p, q = (softmax(logits.astype(np.float64), axis=-1) for logits in (model, bundle))
    assert found.kl == pytest.approx(entropy(p, q, axis=-1), rel=1e-6, abs=1e-9)
    assert found.loss == pytest.approx(-np.log(p[np.arange(tokens), true]), rel=1e-6, abs=1e-9)
    assert found.bundle_loss == pytest.approx(-np.log(q[np.arange(tokens), true]), rel=1e-6, abs=1e-9)
    assert found.same.tolist() == (p.argmax(-1) == q.argmax(-1)).astype(float).tolist()


def test_what_is_far_from_zero_stays_finite() -> None:
    """float32's softmax would overflow, and the logarithm of its zeros would be infinite."""
    model, bundle = np.array([[1e4, -1e4, 0]], np.float32), np.array([[-1e4, 1e4, 0]], np.float32)
    assert compare_logits(model, bundle, np.array([0])).kl[0] == pytest.approx(2e4)


def test_logits_of_another_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2, 5\) and \(2, 6\)"):
        compare_logits(np.zeros((2, 5)), np.zeros((2, 6)), np.zeros(2, int))
