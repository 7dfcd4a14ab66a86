"""Rows of matrices that are mapped from files."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["some_rows"]


def some_rows(matrix: npt.NDArray[Any], rows: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """`matrix[rows]`, holding in memory no more than that.

    A system that reads a row of a mapped file maps what lies around it too, up to a megabyte: a thousand rows would count as the whole
    file. The pages are given back; they stay in the cache of the system, from where they can be mapped again at no cost.

    Example:
        >>> some_rows(np.eye(3), np.array([2, 0])).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    found = np.asarray(matrix[rows])
    mapped: Any = matrix
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    # not where something may have been written: a private copy would be lost with its pages
    if isinstance(mapped, mmap.mmap) and not matrix.flags.writeable and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
    return found
