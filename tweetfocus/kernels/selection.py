"""Some of many values: the largest, without ordering all of them, and each once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["distinct", "largest"]

Rows = npt.NDArray[np.int64]

_STEP = 61  # one in so many values is looked at first, to see where the limit lies


def largest(values: npt.NDArray[np.floating], k: int) -> Rows:
    """The rows of the `k` largest values above zero, largest first, equal ones by row; NaN is no value.

    A sample says about where the limit lies, so that most values are looked at once and never moved.

    Example:
        >>> largest(np.array([0.5, np.nan, 0.9, 0.0, 0.5]), 2).tolist()
        [2, 0]
    """
    rows = _above(values, k)
    found = values[rows]
    if len(rows) > k > 0:
        least = np.partition(found, len(rows) - k)[len(rows) - k]
        rows, found = rows[found >= least], found[found >= least]
    return rows[np.lexsort((rows, -found))][:k]


def _above(values: npt.NDArray[np.floating], k: int) -> Rows:
    """Rows above zero, ascending: all of them, or fewer that hold the `k` largest and whatever equals them."""
    few = np.sort(values[::_STEP][values[::_STEP] > 0])
    place = len(few) - 1 - 2 * (k // _STEP + 8)  # twice as many as are wanted, and some
    if place > 0:
        rows = np.flatnonzero(values >= few[place])
        if len(rows) >= k:
            return rows
    return np.flatnonzero(values > 0)


def distinct(rows: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """Each row once, ascending; by sorting, which for whole numbers takes a small part of the time of `np.unique`.

    Example:
        >>> distinct(np.array([3, 1, 3])).tolist()
        [1, 3]
    """
    ordered = np.sort(rows)
    new = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]
