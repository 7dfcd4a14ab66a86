"""Inner products of int8 rows: by NumKong where it is installed and knows the processor's instructions, by NumPy elsewhere.

Both give the same numbers for up to 1,040 dimensions (whole numbers below 2^24), and nearly the same beyond.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Products", "by_numkong", "by_numpy", "fastest"]

Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]


class Products(Protocol):
    """(m, b) products of the (b, d) rows it is called with and the queries it was made for; the array is used again."""

    def __call__(self, block: Codes) -> Floats:
        """Products as float32, in either memory order."""
        ...


class Maker(Protocol):
    """Makes `Products` for (m, d) queries and blocks of at most so many rows."""

    def __call__(self, queries: Codes, rows: int) -> Products:
        """One for each thread."""
        ...


def fastest() -> tuple[Maker, bool]:
    """How to multiply here, and whether calls from several threads run at the same time."""
    return (by_numkong, True) if _numkong() else (by_numpy, False)


@cache
def _numkong() -> ModuleType | None:
    try:
        import numkong
    except ImportError:
        return None
    fast = any(there for name, there in numkong.get_capabilities().items() if name != "serial")
    return numkong if fast else None


def by_numkong(queries: Codes, rows: int) -> Products:
    """Through the kernels of NumKong."""
    import numkong

    m = len(queries)
    if m == 1:
        line = np.empty((1, rows), np.float32)

        def one(block: Codes) -> Floats:
            found = line[:, : len(block)]
            numkong.cdist(queries, block, "dot", out=found)
            return found

        return one

    packed = numkong.dots_pack(np.ascontiguousarray(queries), dtype="int8")
    whole: Any = numkong.zeros((rows, m), dtype="int32")
    table = np.empty((rows, m), np.float32)

    def many(block: Codes) -> Floats:
        count = len(block)
        exact, found = whole[:count], table[:count]
        numkong.dots_packed(block, packed, out=exact)
        np.copyto(found, np.asarray(exact), casting="unsafe")
        return found.T  # the memory is rows by queries; NumPy walks it in that order

    return many


def by_numpy(queries: Codes, rows: int) -> Products:
    """Through the float32 product of NumPy, which is exact for small whole numbers."""
    left = queries.astype(np.float32)
    room, table = np.empty((rows, queries.shape[1]), np.float32), np.empty((len(queries), rows), np.float32)

    def products(block: Codes) -> Floats:
        right, found = room[: len(block)], table[:, : len(block)]
        np.copyto(right, block)
        np.matmul(left, right.T, out=found)
        return found

    return products
