"""Kinship: kernel ridge regression over people where they are too many, on those nearest to me alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tweetfocus.kernels.lines import Adjacency
from tweetfocus.kernels.neighbours import kindred, reach
from tweetfocus.kernels.selection import largest

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Surroundings", "kindred_nearby"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What is around each account, as a matrix of unit rows that is never formed: entry (i, j) is weight j over length i.

    Attributes:
        lines: (n, n), 1 where j is around i.
        columns: its transpose.
        weights: (n,) how much it says to have an account around one.
        lengths: (n,) what makes each row a unit row.
        own: whether everybody is also around themselves, though `lines` does not say so.
    """

    lines: Adjacency
    columns: Adjacency
    weights: Floats
    lengths: Floats
    own: bool

    @classmethod
    def of(cls, lines: Adjacency, columns: Adjacency, weights: Floats, *, own: bool) -> Surroundings:
        """With the lengths that belong to it.

        Example:
            >>> from scipy.sparse import csr_array
            >>> follows = csr_array(np.array([[0, 1, 1], [0, 0, 1], [0, 0, 0]], float))
            >>> Surroundings.of(follows, follows.T.tocsr(), np.array([1.0, 3.0, 4.0]), own=False).lengths.tolist()
            [5.0, 4.0, 0.0]
        """
        squares = weights**2
        inside = np.diff(lines.indptr) if (weights == 1).all() else lines @ squares
        return cls(lines, columns, weights, np.sqrt(inside + (squares if own else 0)), own)

    def cosines(self, rows: Rows, values: Floats) -> tuple[Rows, Floats]:
        """Whose row has anything in common with a vector, ascending, and their cosines with it.

        Args:
            rows: (k,) where the vector has its entries, ascending.
            values: (k,) these entries; of unit length together.
        """
        said = self.weights[rows] * values
        totals = reach(self.lines, self.columns, rows, said)
        if self.own:
            totals[rows] += said
        met = np.flatnonzero(totals)
        return met, totals[met] / self.lengths[met]

    def row(self, row: int) -> tuple[Rows, Floats]:
        """What is around one account: where its unit row has entries, ascending, and these."""
        around = self.lines.indices[self.lines.indptr[row] : self.lines.indptr[row + 1]].astype(np.int64)
        if self.own:
            around = np.sort(np.append(around, row))
        return around, self.weights[around] / (self.lengths[row] or 1)

    def some(self, rows: Rows) -> tuple[csr_array, Rows]:
        """(len(rows), c) unit rows of some accounts, and the (c,) columns that anything stands in."""
        from scipy.sparse import csr_array

        part = self.lines[rows]
        if self.own:
            part = part + csr_array((np.ones(len(rows), np.float32), (np.arange(len(rows)), rows)), shape=part.shape)
        used = np.zeros(len(self.weights), dtype=bool)
        used[part.indices] = True
        columns = np.flatnonzero(used)
        place = np.zeros(len(self.weights), dtype=np.int32)
        place[columns] = np.arange(len(columns))
        values = self.weights[part.indices] / np.repeat(self.lengths[rows], np.diff(part.indptr))
        return csr_array((values, place[part.indices], part.indptr), shape=(len(rows), len(columns))), columns


def kindred_nearby(
    around: Surroundings, mine: tuple[Rows, Floats], asked: npt.NDArray[np.bool_], *, nearest: int
) -> tuple[Rows, Floats]:
    """`kindred` over the `nearest` people only, those whose surroundings are most like mine.

    With more people than that a regression over all of them would read the whole graph dozens of times, for the sake of weights that
    are next to nothing: of people with whom I have hardly anything in common.

    Args:
        around: everybody's surroundings.
        mine: my own, as `Surroundings.row` has them.
        asked: (n,) who may be asked.
        nearest: how many of them are, at most; equal ones by row.

    Returns:
        rows, ascending, and the weight of each; see `kindred`.

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]], float))
        >>> around = Surroundings.of(follows, follows.T.tocsr(), np.ones(4), own=False)
        >>> rows, weights = kindred_nearby(around, around.row(0), np.array([False, True, True, False]), nearest=1)
        >>> rows.tolist(), weights.tolist()
        ([1], [0.25])
    """
    if np.count_nonzero(asked) > nearest:
        met, cosines = around.cosines(*mine)
        met, cosines = met[asked[met]], cosines[asked[met]]
        rows = np.sort(met[largest(cosines, nearest)])
    else:
        rows = np.flatnonzero(asked)
    part, columns = around.some(rows)
    whole = np.zeros(len(around.weights))
    whole[mine[0]] = mine[1]
    return rows, kindred(part, whole[columns])
