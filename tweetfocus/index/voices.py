"""What accounts say, as rows of one matrix that is never formed; and what a text lets expect of any value that is known of others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tweetfocus.index.building import FacetTable
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.similarity import row_products, unit_rows

__all__ = ["Voices"]

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_BLOCK = 1 << 16  # rows at a time, where a second copy of all would be large


@dataclass(frozen=True, eq=False)
class Voices:
    """The (n, d + t) matrix of what accounts say, all facets together: meaning (unit rows) beside factors of words.

    A million dense rows would take gigabytes; facets and words are there already, and products with them are all that is needed.

    Attributes:
        facets: of the accounts.
        words: of the accounts.
        terms: (v, t) factors of the terms.
    """

    facets: FacetTable
    words: WordTable
    terms: Floats

    @cached_property
    def speaks(self) -> npt.NDArray[np.bool_]:
        """(n,) who says anything."""
        return np.asarray(np.diff(self.facets.offsets) > 0)

    @cached_property
    def _owner(self) -> npt.NDArray[np.int64]:
        return np.repeat(np.arange(len(self.speaks)), np.diff(self.facets.offsets))

    @cached_property
    def _portion(self) -> Doubles:
        """(f,) what each facet adds to the unit row of its account."""
        meant = self._meant()
        length = np.sqrt(np.einsum("ij,ij->i", meant, meant, dtype=np.float64))[self._owner]
        return np.divide(self.facets.shares, length, out=np.zeros(len(length)), where=length > 0)

    def _meant(self, into: Floats | None = None) -> Floats:
        """(n, d) the facets of each account together, by their shares; added to `into` where that is given."""
        meant = np.zeros((len(self.speaks), self.facets.vectors.shape[1]), dtype=np.float32) if into is None else into
        shares = np.asarray(self.facets.shares, dtype=np.float32)
        for start in range(0, len(shares), _BLOCK):
            some = slice(start, start + _BLOCK)
            np.add.at(meant, self._owner[some], np.asarray(self.facets.vectors[some]) * shares[some, None])
        return meant

    def rows(self) -> Floats:
        """(n, d + t) the matrix itself; zeros without text."""
        d = self.facets.vectors.shape[1]
        rows = np.zeros((len(self.speaks), d + self.terms.shape[1]), dtype=np.float32)
        meant = self._meant(rows[:, :d])
        for start in range(0, len(rows), _BLOCK):
            meant[start : start + _BLOCK] = unit_rows(meant[start : start + _BLOCK])
        rows[:, d:] = self.words.weights @ self.terms
        return rows

    def products(self, direction: Doubles) -> Doubles:
        """(n,) the product of every row with a (d + t,) direction; equal rows get equal ones."""
        d = self.facets.vectors.shape[1]
        meant = row_products(np.asarray(self.facets.vectors), direction[:d].astype(np.float32)) * self._portion
        return np.bincount(self._owner, meant, minlength=len(self.speaks)) + self.words.weights @ (self.terms @ direction[d:])

    def totals(self, values: Doubles) -> Doubles:
        """(d + t,) the sum of the rows, each times its (n,) value."""
        meant = np.asarray(self.facets.vectors).T @ (self._portion * values[self._owner]).astype(np.float32)
        return np.concatenate([meant, self.terms.T @ (self.words.weights.T @ values)]).astype(np.float64)
