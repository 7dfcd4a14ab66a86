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

    def cosines(self, mine: Floats) -> Floats:
        """(n,) of every row with `mine`, reading only what is around the accounts that it names."""
        some = np.flatnonzero(mine)
        said = np.zeros(len(mine))
        said[some] = self.weights[some] * mine[some]
        totals = reach(self.lines, self.columns, said)
        if self.own:
            totals[some] += said[some]
        met = np.flatnonzero(totals)  # of a large index a few, and none of them has a length of zero
        totals[met] /= self.lengths[met]
        return totals

    def row(self, row: int) -> Floats:
        """(n,) what is around one account, of unit length."""
        around = self.lines.indices[self.lines.indptr[row] : self.lines.indptr[row + 1]]
        mine = np.zeros(len(self.weights))
        mine[np.append(around, row) if self.own else around] = 1
        mine *= self.weights
        return mine / self.lengths[row] if self.lengths[row] else mine

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


def kindred_nearby(around: Surroundings, mine: Floats, people: Rows, *, nearest: int) -> tuple[Rows, Floats]:
    """`kindred` over the `nearest` people only, those whose surroundings are most like mine.

    With more people than that a regression over all of them would read the whole graph dozens of times, for the sake of weights that
    are next to nothing: of people with whom I have hardly anything in common.

    Args:
        around: everybody's surroundings.
        mine: (n,) my own, of unit length.
        people: rows of those who may be asked, ascending.
        nearest: how many of them are, at most; equal ones by row.

    Returns:
        rows, ascending, and the weight of each; see `kindred`.

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]], float))
        >>> around = Surroundings.of(follows, follows.T.tocsr(), np.ones(4), own=False)
        >>> rows, weights = kindred_nearby(around, around.row(0), np.array([1, 2]), nearest=1)
        >>> rows.tolist(), weights.tolist()
        ([1], [0.25])
    """
    rows = people
    if len(people) > nearest:
        rows = people[np.sort(largest(around.cosines(mine)[people], nearest))]
    part, columns = around.some(rows)
    return rows, kindred(part, mine[columns])
