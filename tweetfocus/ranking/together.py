"""Choosing accounts together: a set in which each field of the person has its share, as far as that costs little."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["choose", "shares_of"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def shares_of(shares: npt.NDArray[np.floating], n: int) -> Ints:
    """Whole numbers that add up to `n` in proportion to `shares`, by the largest remainder; ties to the first.

    Example:
        >>> shares_of(np.array([0.6, 0.4]), 4).tolist()
        [2, 2]
    """
    exact = shares.astype(np.float64) / max(float(shares.sum()), 1e-12) * n
    whole = np.floor(exact).astype(np.int64)
    rest = np.lexsort((np.arange(len(shares)), -(exact - whole)))[: max(n - int(whole.sum()), 0)]
    whole[rest] += 1
    return whole


def choose(values: Floats, facet: Ints, shares: npt.NDArray[np.floating], n: int, *, coverage: float) -> tuple[Ints, Floats]:
    """The set of `n` with the largest sum of values and coverage.

    Coverage gives `coverage` points for each account of a field, until the field has its share of the `n` places, and nothing from
    then on. So the best set takes the best of each field, and the greedy one is the best: what an account adds depends on its
    place within its field alone. One account less in the input takes at most one other in.

    Args:
        values: (m,) of the candidates, which stand in row order.
        facet: (m,) the field of each; -1 for none.
        shares: (k,) what each field is worth.
        n: how many.
        coverage: points; 0 chooses by value alone.

    Returns:
        Positions of the chosen, ascending, and (m,) the points of coverage of every candidate.

    Example:
        >>> values = np.array([3.0, 2.9, 2.8, 2.0])
        >>> choose(values, np.array([0, 0, 0, 1]), np.array([0.5, 0.5]), 2, coverage=1.0)
        (array([0, 3]), array([1., 0., 0., 1.]))
    """
    points = np.zeros(len(values))
    for field, quota in enumerate(shares_of(shares, n) if len(shares) else ()):
        own = np.flatnonzero(facet == field)
        points[own[np.lexsort((own, -values[own]))][:quota]] = coverage
    best = np.lexsort((np.arange(len(values)), -(values + points)))[:n]
    return np.sort(best), points
