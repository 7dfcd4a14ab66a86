"""`RoundedRows`: what a question reads of every account, in 8 bits, for indexes so large that reading 32 would take most of its time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.index.building import FacetTable
from tweetfocus.index.follow_space import FollowSpace
from tweetfocus.index.voices import Voices
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.lines import spans
from tweetfocus.kernels.quantized import QuantizedRows, quantize
from tweetfocus.kernels.rounded import rounded_products

__all__ = ["RoundedRows", "RoundedVoices", "round_large", "round_rows"]

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

_LARGE = 50_000  # accounts; a question to fewer has read 32 bits of each before it is felt
_FEW = 1 << 12  # rows at a time that are still near when they are added up


@dataclass(frozen=True, eq=False)
class RoundedRows:
    """Rows of an index as int8 with a scale each (see `QuantizedRows`), and the words of its accounts the other way round.

    Attributes:
        facet_codes, facet_scales: of the facets.
        bio_codes, bio_scales: of the bios of the accounts in `bio_rows`; the bio of any other is its only facet.
        bio_rows: (b,) those who have a bio and posts.
        said_codes, said_scales: of everybody's words, in the factors of the follow space.
        item_codes, item_scales: of the places in follow space as somebody to follow.
        spoken_codes, spoken_scales: of the places where the text alone would put an account.
        residuals: (5,) of these five, in this order.
        term_offsets: (v + 1,) term `t` is used by `term_users[term_offsets[t]:term_offsets[t + 1]]`.
        term_users: (u,) rows, ascending for each term.
        term_weights: (u,) the entries of `WordTable.weights`.
    """

    facet_codes: Codes
    facet_scales: Floats
    bio_codes: Codes
    bio_scales: Floats
    bio_rows: Ints
    said_codes: Codes
    said_scales: Floats
    item_codes: Codes
    item_scales: Floats
    spoken_codes: Codes
    spoken_scales: Floats
    residuals: Doubles
    term_offsets: Ints
    term_users: npt.NDArray[np.int32]
    term_weights: Floats

    @property
    def facets(self) -> QuantizedRows:
        """The facets."""
        return QuantizedRows(self.facet_codes, self.facet_scales, float(self.residuals[0]))

    @property
    def bios(self) -> QuantizedRows:
        """The bios of `bio_rows`."""
        return QuantizedRows(self.bio_codes, self.bio_scales, float(self.residuals[1]))

    @property
    def said(self) -> QuantizedRows:
        """The words."""
        return QuantizedRows(self.said_codes, self.said_scales, float(self.residuals[2]))

    @property
    def items(self) -> QuantizedRows:
        """The places of the followed."""
        return QuantizedRows(self.item_codes, self.item_scales, float(self.residuals[3]))

    @property
    def spoken(self) -> QuantizedRows:
        """The places by text."""
        return QuantizedRows(self.spoken_codes, self.spoken_scales, float(self.residuals[4]))


def round_rows(
    facets: FacetTable, bios: npt.NDArray[np.floating], post_offsets: Ints, words: WordTable, space: FollowSpace
) -> RoundedRows:
    """Round what an index holds of everybody.

    Args:
        facets: of the accounts.
        bios: (n, d) bio vectors, zeros where there is none.
        post_offsets: (n + 1,) whose posts were embedded.
        words: of the accounts.
        space: of the accounts.
    """
    writers = np.flatnonzero(np.diff(post_offsets) > 0)
    both = writers[np.any(bios[writers], axis=1)]
    turned = words.weights.tocsc()
    facet, bio = quantize(facets.vectors), quantize(bios[both])
    said = quantize(words.weights @ space.terms, longest=np.inf)
    item, spoken = quantize(space.items, longest=np.inf), quantize(space.spoken, longest=np.inf)
    return RoundedRows(
        facet_codes=facet.codes,
        facet_scales=facet.scales,
        bio_codes=bio.codes,
        bio_scales=bio.scales,
        bio_rows=both,
        said_codes=said.codes,
        said_scales=said.scales,
        item_codes=item.codes,
        item_scales=item.scales,
        spoken_codes=spoken.codes,
        spoken_scales=spoken.scales,
        residuals=np.array([rows.residual for rows in (facet, bio, said, item, spoken)]),
        term_offsets=turned.indptr.astype(np.int64),
        term_users=turned.indices.astype(np.int32),
        term_weights=turned.data.astype(np.float32),
    )


def round_large(
    facets: FacetTable, bios: npt.NDArray[np.floating], post_offsets: Ints, words: WordTable, space: FollowSpace
) -> RoundedRows | None:
    """`round_rows` of an index that is large enough to need it."""
    return round_rows(facets, bios, post_offsets, words, space) if len(bios) >= _LARGE else None


@dataclass(frozen=True, eq=False)
class RoundedVoices(Voices):
    """The same, read from 8 bits.

    Attributes:
        rounded: the rows of the index.
    """

    rounded: RoundedRows

    def products(self, direction: Doubles) -> Doubles:
        """(n,) the product of every row with a (d + t,) direction; equal rows get equal ones."""
        d = self.facets.vectors.shape[1]
        meant = rounded_products(direction[None, :d], self.rounded.facets)[0] * self._portion
        said = rounded_products(direction[None, d:], self.rounded.said)[0]
        return np.bincount(self._owner, meant, minlength=len(self.speaks)) + said

    def totals(self, values: Doubles) -> Doubles:
        """(d + t,) the sum of the rows, each times its (n,) value; rows with zero are not read."""
        some = np.flatnonzero(values)
        start = self.facets.offsets[some]
        own = spans(start, self.facets.offsets[some + 1] - start)
        meant = _sum(self.rounded.facets, own, self._portion[own] * values[self._owner[own]])
        return np.concatenate([meant, _sum(self.rounded.said, some, values[some])])


def _sum(rows: QuantizedRows, chosen: npt.NDArray[np.int64], values: Doubles) -> Doubles:
    """(d,) the sum of the chosen rows, each times its value."""
    total = np.zeros(rows.codes.shape[1])
    weights = (values * rows.scales[chosen]).astype(np.float32)
    for start in range(0, len(chosen), _FEW):
        own = slice(start, start + _FEW)
        total += weights[own] @ rows.codes[chosen[own]].astype(np.float32)
    return total
