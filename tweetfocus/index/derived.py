"""`Derived`: what follows from the parts of an index, worked out when it is first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from tweetfocus.data.graph import FollowGraph
from tweetfocus.index.building import FacetTable
from tweetfocus.index.follow_space import FollowSpace
from tweetfocus.index.mapped import some_rows
from tweetfocus.index.products import ExactProducts, Products, RoundedProducts
from tweetfocus.index.rounded import RoundedRows
from tweetfocus.index.signals import Signals
from tweetfocus.index.words import WordTable
from tweetfocus.kernels.similarity import nonzero_rows

__all__ = ["Derived"]


class Derived:
    """The part of an index that is not stored, or need not be."""

    graph: FollowGraph
    signals: Signals
    words: WordTable
    facets: FacetTable
    follow_space: FollowSpace
    bio_vectors: npt.NDArray[np.float32]
    post_offsets: npt.NDArray[np.int64]
    rounded: RoundedRows | None
    trusted_graph: FollowGraph | None

    @cached_property
    def trusted(self) -> FollowGraph:
        """The follows that count as evidence: all but those by link spammers, who follow anybody."""
        return self.trusted_graph or self.graph.without_follows_by(self.signals.spammers)

    @cached_property
    def products(self) -> Products:
        """What a question is multiplied with."""
        if self.rounded is None:
            return ExactProducts(self.facets, self.bio_vectors, self.words, self.follow_space)
        return RoundedProducts(self.rounded, self.facets, self.bio_vectors, self.has_bio, self.words, self.follow_space)

    @cached_property
    def has_bio(self) -> npt.NDArray[np.bool_]:
        """(n,) whose bio says something."""
        writers = np.flatnonzero(np.diff(self.post_offsets) > 0)
        found = np.diff(self.facets.offsets) > 0  # without posts, the facet is the bio
        found[writers] = nonzero_rows(some_rows(self.bio_vectors, writers))
        return found
