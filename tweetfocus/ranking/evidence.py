"""`Evidence`: everything the index can say about a query, one number per account, measured against the whole index.

Each array is computed for all accounts at once or not at all, so an account's number cannot depend on which candidates are asked for.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.neighbours import adamic_adar, co_follow, shared_followings, user_knn
from tweetfocus.kernels.similarity import best_per_group, row_products
from tweetfocus.kernels.walks import circle_of_trust, personalized_pagerank, salsa
from tweetfocus.ranking.query import Query

__all__ = ["Evidence", "rarity"]

Floats = npt.NDArray[np.float64]

_CIRCLE = 200  # accounts in the circle of trust
_PEERS = 50  # people most alike whose followings count


class Evidence:
    """What speaks for each account, (n,) arrays by name, computed when first asked for.

    Example:
        >>> import tweetfocus as tf
        >>> from tweetfocus.ranking.query import make_query
        >>> people = [tf.Account(account_id=i, bio=bio) for i, bio in {"1": "Heat pumps", "2": "Heat pumps", "3": "Chef"}.items()]
        >>> index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)
        >>> Evidence(index, make_query(index, "1")).facets.round(2).tolist()
        [nan, 1.0, 0.0]
    """

    def __init__(self, index: AccountIndex, query: Query) -> None:
        self.index = index
        self.query = query
        self._asking = np.unique(np.append(query.seeds, [] if query.row is None else [query.row]).astype(np.int64))

    def _but_asking(self, values: npt.NDArray[np.floating]) -> Floats:
        """The person who asks is no evidence about others: out of every comparison."""
        copy = np.array(values, dtype=np.float64)
        copy[self._asking] = np.nan
        return copy

    def _cosines(self, vectors: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        """Of all rows with each of my facets. Equal rows get equal cosines, or rounding would rank one twin above the other."""
        return [row_products(np.asarray(vectors), facet) for facet in self.query.facets]

    # -- text -----------------------------------------------------------------------------------------------------------------

    @cached_property
    def facet_likeness(self) -> Floats:
        """(n, k) cosine of each query facet with the nearest facet of the account; NaN without text."""
        facets = self.index.facets
        columns = [best_per_group(column, facets.offsets) for column in self._cosines(facets.vectors)]
        return np.stack([self._but_asking(c) for c in columns], axis=1) if columns else np.zeros((len(self.index), 0))

    @cached_property
    def facets(self) -> Floats:
        """Cosine of the nearest pair of facets, theirs and mine."""
        return _best(self.facet_likeness)

    @cached_property
    def bio(self) -> Floats:
        """Cosine of their bio with my nearest facet; NaN without a bio."""
        columns = self._cosines(self.index.bio_vectors)
        best = _best(np.stack(columns, axis=1)) if columns else np.full(len(self.index), np.nan)
        return self._but_asking(np.where(self.index.has_bio, best, np.nan))

    @cached_property
    def words(self) -> Floats:
        """TF-IDF cosine of their words with those of my nearest facet."""
        weights = self.index.words.weights
        spoken = np.diff(self.index.words.indptr) > 0
        best = _best(weights @ self.query.terms.T) if len(self.query.terms) else np.full(len(self.index), np.nan)
        return self._but_asking(np.where(spoken, best, np.nan))

    # -- graph ----------------------------------------------------------------------------------------------------------------

    @cached_property
    def walk(self) -> Floats:
        """How often a walk from me along follows, in either direction, comes by."""
        graph = self.index.graph.undirected_matrix
        if not self.query.walk_from.size or not np.diff(graph.indptr)[self.query.walk_from].any():
            return np.zeros(len(self.index))
        return self._but_asking(personalized_pagerank(graph, self.query.walk_from, tolerance=1e-6))

    @cached_property
    def trust(self) -> Floats:
        """SALSA authority over my circle of trust."""
        if not np.nansum(self.walk):
            return np.zeros(len(self.index))
        visits = np.nan_to_num(self.walk)
        circle = np.union1d(circle_of_trust(visits, _CIRCLE), self.query.following)
        return self._but_asking(salsa(self.index.graph.out_matrix, circle)[0])

    @cached_property
    def co_follow(self) -> Floats:
        """Mean cosine between their followers and those of the accounts I follow."""
        graph, mine = self.index.graph, self.query.following
        if not mine.size:
            return np.zeros(len(self.index))
        return self._but_asking(co_follow(graph.out_matrix, graph.in_matrix, mine) / mine.size)

    @cached_property
    def likeness(self) -> Floats:
        """Cosine between whom they follow and whom I follow."""
        if not self.query.following.size:
            return np.zeros(len(self.index))
        return self._but_asking(shared_followings(self.index.graph.out_matrix, self.query.following))

    @cached_property
    def peers(self) -> Floats:
        """Followed by the people whose followings are most like mine."""
        return self._but_asking(user_knn(self.index.graph.out_matrix, np.nan_to_num(self.likeness), k=_PEERS))

    @cached_property
    def friends(self) -> Floats:
        """Followed by the accounts I follow, each counting less the more it follows."""
        graph, mine = self.index.graph, self.query.following
        if not mine.size:
            return np.zeros(len(self.index))
        return self._but_asking(adamic_adar(graph.in_matrix, graph.out_degree, mine))

    @cached_property
    def follows_me(self) -> Floats:
        """1 for my followers."""
        flags = np.zeros(len(self.index))
        if self.query.row is not None:
            flags[self.index.graph.followers(self.query.row)] = 1
        return self._but_asking(flags)

    @cached_property
    def engaged(self) -> Floats:
        """In how many posts they spoke to me."""
        counts = np.zeros(len(self.index))
        if self.query.row is not None:
            talk = self.index.engagement
            mine = slice(int(talk.indptr[self.query.row]), int(talk.indptr[self.query.row + 1]))
            np.add.at(counts, talk.authors[mine], talk.counts[mine])
        return self._but_asking(counts)

    # -- calibrated -----------------------------------------------------------------------------------------------------------

    @cached_property
    def rarities(self) -> dict[str, Floats]:
        """`rarity` of the graded kinds of evidence."""
        names = ("facets", "bio", "words", "walk", "trust", "co_follow", "likeness", "peers", "friends")
        return {name: rarity(getattr(self, name)) for name in names}

    @cached_property
    def any(self) -> npt.NDArray[np.bool_]:
        """(n,) whether anything at all speaks for the account: known text, or some tie in the graph."""
        ties = (self.walk, self.co_follow, self.likeness, self.friends, self.follows_me, self.engaged)
        text = np.isfinite(self.facets) if len(self.query.facets) else np.zeros(len(self.index), dtype=bool)
        found: npt.NDArray[np.bool_] = np.logical_or.reduce([text, *(np.nan_to_num(tie) > 0 for tie in ties)])
        return found


def _best(columns: npt.NDArray[np.floating]) -> Floats:
    if columns.shape[1] == 0:
        return np.full(len(columns), np.nan)
    return columns.max(axis=1).astype(np.float64)


def rarity(values: npt.NDArray[np.floating]) -> Floats:
    """How rare it is in the index to have so much: log10 of (accounts known / accounts with as much or more).

    1 is "one in ten", 2 "one in a hundred". Zero for nothing, and zero for unknown: what is not known does not speak for anybody.
    A scale that travels: it means the same for cosines and visits, in small indexes and large ones.

    Example:
        >>> rarity(np.array([0.9, 0.0, 0.3, np.nan, 0.3])).round(2).tolist()
        [0.6, 0.0, 0.12, 0.0, 0.12]
    """
    known = np.isfinite(values)
    order = np.sort(values[known])
    result = np.zeros(len(values))
    as_much = len(order) - np.searchsorted(order, values[known], side="left")
    result[known] = np.log10(len(order) / as_much) if len(order) else 0
    result[known & ~(np.nan_to_num(values) > 0)] = 0
    return result
