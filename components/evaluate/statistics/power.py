"""What a comparison could have shown at all."""

from __future__ import annotations

from scipy.stats import norm

POWER = 0.8


def smallest_visible(standard_error: float, confidence: float) -> float | None:
    """The true difference that a two-sided test finds with 80 % power, in the unit of its standard error:
    ``(z(1 - a/2) + z(0.8)) * se``. None for a standard error of 0, which says that nothing was seen to vary.
    """
    if standard_error <= 0:
        return None
    return float((norm.isf((1 - confidence) / 2) + norm.ppf(POWER)) * standard_error)


def discordance_error(discordant: int, units: int) -> float:
    """Standard error of a difference of two shares of right answers without a true difference: ``sqrt(d / n)``, d being
    the share of units that only one model has right (Connor, "Sample size for testing differences in proportions for
    the paired-sample design", Biometrics 43, 1987; the square of the difference, small beside d, is left out).

    240 units of which 30 % are discordant show 9.9 points.
    """
    return float(discordant**0.5 / units)
