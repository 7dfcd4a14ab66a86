"""What accounts say, as rows of one matrix that is never formed; and what a text lets expect of any value that is known of others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tweetfocus.index.building import FacetTable
from tweetfocus.index.mapped import some_rows
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.lines import spans
from tweetfocus.kernels.similarity import row_products, unit_rows

__all__ = ["Voices"]

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_MUCH = 0.1  # of all rows: fewer are picked out
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
        """(f,) what each facet adds to the unit row of its account; of a single facet, itself."""
        portion, ends = np.ones(len(self._owner)), self.facets.offsets
        several = np.flatnonzero(np.diff(ends) > 1)
        for start in range(0, len(several), _BLOCK):  # of some accounts at a time: the rows of all would take gigabytes
            some = several[start : start + _BLOCK]
            own = spans(ends[some], ends[some + 1] - ends[some])
            meant = np.zeros((len(some), self.facets.vectors.shape[1]), dtype=np.float32)
            place = np.searchsorted(some, self._owner[own])
            np.add.at(meant, place, some_rows(self.facets.vectors, own) * self.facets.shares[own, None])
            length = np.sqrt(np.einsum("ij,ij->i", meant, meant, dtype=np.float64))[place]
            portion[own] = np.divide(self.facets.shares[own], length, out=np.zeros(len(own)), where=length > 0)
        return portion

    def rows(self) -> Floats:
        """(n, d + t) the matrix itself; zeros without text."""
        d, shares = self.facets.vectors.shape[1], np.asarray(self.facets.shares)
        rows = np.zeros((len(self.speaks), d + self.terms.shape[1]), dtype=np.float32)
        meant = rows[:, :d]
        for start in range(0, len(shares), _BLOCK):
            some = slice(start, start + _BLOCK)
            np.add.at(meant, self._owner[some], np.asarray(self.facets.vectors[some]) * shares[some, None])
        for start in range(0, len(rows), _BLOCK):
            meant[start : start + _BLOCK] = unit_rows(meant[start : start + _BLOCK])
        rows[:, d:] = self.words.weights @ self.terms
        return rows

    def products(self, direction: Doubles) -> Doubles:
        """(n,) the product of every row with a (d + t,) direction; equal rows get equal ones."""
        d = self.facets.vectors.shape[1]
        meant = row_products(np.asarray(self.facets.vectors), direction[:d].astype(np.float32)) * self._portion
        terms = np.empty(len(self.terms))
        for start in range(0, len(terms), _BLOCK):
            terms[start : start + _BLOCK] = self.terms[start : start + _BLOCK] @ direction[d:]
        return np.bincount(self._owner, meant, minlength=len(self.speaks)) + self.words.weights @ terms

    def totals(self, values: Doubles) -> Doubles:
        """(d + t,) the sum of the rows, each times its (n,) value; rows with zero are not read, where they are most of all."""
        portion, some = self._portion * values[self._owner], np.flatnonzero(values)
        if len(some) > _MUCH * len(values):
            meant = np.asarray(self.facets.vectors).T @ portion.astype(np.float32)
            words = self.terms.T @ (self.words.weights.T @ values)
        else:
            facets = np.flatnonzero(portion)
            meant = np.asarray(self.facets.vectors[facets]).T @ portion[facets].astype(np.float32)
            said = self.words.weights[some].T @ values[some]
            used = np.flatnonzero(said)
            words = self.terms[used].T @ said[used]
        return np.concatenate([meant, words]).astype(np.float64)
