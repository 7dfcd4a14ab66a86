"""What a question is multiplied with: everything that an index holds of all its accounts, exact or rounded to 8 bits."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from tweetfocus.index.building import FacetTable
from tweetfocus.index.follow_space import FollowSpace
from tweetfocus.index.mapped import some_rows
from tweetfocus.index.rounded import RoundedRows, RoundedVoices
from tweetfocus.index.voices import Voices
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.lines import spans
from tweetfocus.kernels.quantized import QuantizedRows
from tweetfocus.kernels.rounded import rounded_products, sharpen
from tweetfocus.kernels.similarity import row_products

__all__ = ["ExactProducts", "Products", "RoundedProducts"]

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.floating]
Rows = npt.NDArray[np.int64]

_SHARP = 1000  # of the largest products are exact in any index


class Products(Protocol):
    """Products with every row; equal rows have equal ones, and none depends on what else is asked for."""

    @property
    def voices(self) -> Voices:
        """What everybody says, as one matrix."""
        ...

    def facets(self, queries: Floats) -> Floats:
        """(k, f) of the (k, d) queries with every facet."""
        ...

    def bios(self, queries: Floats, facets: Floats) -> Floats:
        """(k, n) of the queries with every bio, given those with every facet; zero without a bio."""
        ...

    def words(self, terms: Floats) -> Floats:
        """(k, n) of (k, v) rows with everybody's TF-IDF weights."""
        ...

    def items(self, places: Places) -> Floats:
        """(k, n) of (k, f) places with everybody's place as somebody to follow."""
        ...

    def spoken(self, places: Places) -> Floats:
        """(k, n) of (k, f) places with the place where everybody's text would put them."""
        ...


class ExactProducts:
    """`Products` of the vectors as they are.

    Args:
        facets: of the accounts.
        bios: (n, d) their bio vectors.
        words: of the accounts.
        space: of the accounts.
    """

    def __init__(self, facets: FacetTable, bios: npt.NDArray[np.floating], words: WordTable, space: FollowSpace) -> None:
        self._facets, self._bios, self._words, self._space = facets, bios, words, space
        self.voices = Voices(facets, words, space.terms)

    def facets(self, queries: Floats) -> Floats:
        """(k, f)."""
        return _exact(self._facets.vectors, queries)

    def bios(self, queries: Floats, facets: Floats) -> Floats:
        """(k, n)."""
        return _exact(self._bios, queries)

    def words(self, terms: Floats) -> Floats:
        """(k, n)."""
        return np.asarray(self._words.weights @ terms.T).T

    def items(self, places: Places) -> Floats:
        """(k, n)."""
        return _exact(self._space.items, places)

    def spoken(self, places: Places) -> Floats:
        """(k, n)."""
        return _exact(self._space.spoken, places)


class RoundedProducts:
    """`Products` read from 8 bits, the largest of them exact; see `rounded_products` for how far the others are off.

    Args:
        rounded: the rows, rounded.
        facets: of the accounts.
        bios: (n, d) their bio vectors.
        has_bio: (n,) whose bio says something.
        words: of the accounts.
        space: of the accounts.
    """

    def __init__(
        self,
        rounded: RoundedRows,
        facets: FacetTable,
        bios: npt.NDArray[np.floating],
        has_bio: npt.NDArray[np.bool_],
        words: WordTable,
        space: FollowSpace,
    ) -> None:
        self._rounded, self._facets, self._bios, self._space = rounded, facets, bios, space
        self.voices = RoundedVoices(facets, words, space.terms, rounded)
        alone = has_bio.copy()
        alone[rounded.bio_rows] = False
        self._alone = np.flatnonzero(alone)
        self._their_facet = facets.offsets[self._alone]

    def facets(self, queries: Floats) -> Floats:
        """(k, f)."""
        return _sharp(queries, self._rounded.facets, self._facets.vectors)

    def bios(self, queries: Floats, facets: Floats) -> Floats:
        """(k, n)."""
        found = np.zeros((len(queries), len(self._bios)), np.float32)
        found[:, self._alone] = facets[:, self._their_facet]
        found[:, self._rounded.bio_rows] = _sharp(queries, self._rounded.bios, self._bios, self._rounded.bio_rows)
        return found

    def words(self, terms: Floats) -> Floats:
        """(k, n)."""
        rounded, n = self._rounded, len(self._bios)
        found = np.empty((len(terms), n), np.float32)
        for line, own in enumerate(terms):
            used = np.flatnonzero(own)
            start = rounded.term_offsets[used]
            count = rounded.term_offsets[used + 1] - start
            at = spans(start, count)
            found[line] = np.bincount(
                rounded.term_users[at], rounded.term_weights[at] * np.repeat(own[used], count), minlength=n
            )
        return found

    def items(self, places: Places) -> Floats:
        """(k, n)."""
        return _sharp(places, self._rounded.items, self._space.items)

    def spoken(self, places: Places) -> Floats:
        """(k, n)."""
        return _sharp(places, self._rounded.spoken, self._space.spoken)


def _exact(rows: npt.NDArray[np.floating], queries: Places) -> Floats:
    found = np.empty((len(queries), len(rows)), np.float32)
    for products, query in zip(found, queries.astype(np.float32), strict=True):
        products[:] = row_products(np.asarray(rows), query)
    return found


def _sharp(queries: Places, rounded: QuantizedRows, rows: npt.NDArray[np.floating], among: Rows | None = None) -> Floats:
    """Rounded products, the largest made exact from `rows`, or from those of them that are `among`."""
    found = rounded_products(queries, rounded)
    for products, query in zip(found, queries.astype(np.float32), strict=True):

        def exact(chosen: Rows, query: Floats = query) -> Floats:
            return row_products(some_rows(rows, chosen if among is None else among[chosen]), query)

        sharpen(products, _SHARP, exact)
    return found
