"""`Lines`: a sparse matrix of ones that holds nothing but where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Adjacency", "Lines", "spans"]

Rows = npt.NDArray[np.int64]

_BLOCK = 1 << 20  # ones multiplied at a time


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """An (n, n) CSR matrix of ones, with as much of `scipy.sparse.csr_array` as graph kernels need.

    The ones themselves would take as much memory as a graph that is mapped from its file, and have to be made before the first question.

    Attributes:
        indptr: (n + 1,) line `i` has its ones in the columns `indices[indptr[i]:indptr[i + 1]]`.
        indices: columns, ascending in each line.

    Example:
        >>> follows = Lines(np.array([0, 2, 2, 3]), np.array([1, 2, 0], np.int32))
        >>> (follows @ np.array([1.0, 2.0, 4.0])).tolist(), follows[np.array([2, 0])].toarray().tolist()
        ([6.0, 0.0, 1.0], [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    """

    indptr: Rows
    indices: npt.NDArray[np.int32]

    @property
    def shape(self) -> tuple[int, int]:
        """(n, n)."""
        return len(self.indptr) - 1, len(self.indptr) - 1

    def __matmul__(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(n,) the sum of the (n,) values that each line names, added up from left to right."""
        from scipy.sparse import csr_array

        n = len(self.indptr) - 1
        totals, ones, first = np.zeros(n), np.ones(0), 0
        while first < n:
            last = int(np.searchsorted(self.indptr, self.indptr[first] + _BLOCK, side="right")) - 1
            last = min(max(last, first + 1), n)
            start, stop = int(self.indptr[first]), int(self.indptr[last])
            ones = ones if len(ones) >= stop - start else np.ones(stop - start)
            part = (ones[: stop - start], self.indices[start:stop], self.indptr[first : last + 1] - start)
            totals[first:last] = csr_array(part, shape=(last - first, n)) @ values
            first = last
        return totals

    def __getitem__(self, rows: Rows) -> csr_array:
        """(len(rows), n) some of the lines, with their ones."""
        from scipy.sparse import csr_array

        start = np.asarray(self.indptr[rows], dtype=np.int64)
        count = self.indptr[rows + 1] - start
        indices = self.indices[spans(start, count)]
        ends = np.concatenate([[0], np.cumsum(count)])
        return csr_array((np.ones(len(indices), np.float32), indices, ends), shape=(len(rows), len(self.indptr) - 1))


Adjacency: TypeAlias = Union["csr_array", Lines]


def spans(start: Rows, length: Rows) -> Rows:
    """start[0], start[0] + 1, .. (length[0] of them), start[1], ..

    Example:
        >>> spans(np.array([5, 1]), np.array([2, 3])).tolist()
        [5, 6, 1, 2, 3]
    """
    ends = np.cumsum(length)
    return np.arange(ends[-1] if ends.size else 0) + np.repeat(start - (ends - length), length)
