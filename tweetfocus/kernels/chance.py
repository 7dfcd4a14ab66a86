"""What chance alone would give: a null model that a crowd of real cases cannot move, and how sure a share is."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ["lower_null", "one_in", "share_interval"]


def lower_null(values: npt.ArrayLike) -> tuple[float, float]:
    """Centre and spread of what is common, read from the lower half alone: the median, and the root mean square distance below it.

    Whatever is uncommonly high, up to half of all values, moves neither much: the upper half is taken to mirror the lower one
    (the empirical null of Efron, 2004, with the mode at the median). NaN values are left out; NaN for none.

    Example:
        >>> centre, spread = lower_null([1.0, 2.0, 3.0, 4.0, 5.0])
        >>> centre, round(spread, 3)
        (3.0, 1.291)
        >>> lower_null([1.0, 2.0, 3.0, 4.0, 5000.0]) == (centre, spread)
        True
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not known.size:
        return float("nan"), float("nan")
    centre = float(np.median(known))
    below = known[known <= centre] - centre
    return centre, float(np.sqrt(np.mean(below**2)))


def one_in(chance: float) -> float:
    """How many spreads above the centre only so large a part of a normal distribution lies.

    Example:
        >>> round(one_in(0.01), 2)
        2.33
    """
    return NormalDist().inv_cdf(1 - chance)


def share_interval(hits: int, among: int, *, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share by Wilson's score (Wilson, 1927); it keeps within [0, 1] and is honest about small numbers.

    Args:
        hits: how many of them, 0 <= hits <= among.
        among: of how many; (NaN, NaN) for none.
        level: of confidence.

    Example:
        >>> low, high = share_interval(5, 10)
        >>> round(low, 2), round(high, 2)
        (0.24, 0.76)
    """
    if among < 1:
        return float("nan"), float("nan")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, scale = hits / among, 1 + z * z / among
    middle = (share + z * z / (2 * among)) / scale
    reach = z * math.sqrt(share * (1 - share) / among + z * z / (4 * among * among)) / scale
    return min(max(middle - reach, 0.0), share), max(min(middle + reach, 1.0), share)  # whatever rounding makes of the ends
