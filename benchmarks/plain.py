"""The plain twin of `recommend`: the same evidence written with NumPy, SciPy, scikit-learn and networkx over the whole index.

It reads the same index and the same table of features. What it does without is all that makes the library fast: it walks the whole
graph, multiplies whole matrices, gives everybody a rarity, and sorts everybody.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, eye_array
from sklearn.preprocessing import normalize

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.products import ExactProducts
from tweetfocus.kernels.neighbours import kindred
from tweetfocus.kernels.walks import personalized_pagerank
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.weights import default_weights

__all__ = ["Plain"]

Floats = npt.NDArray[np.float64]


class Plain:
    """Recommends from an index by the plain way; what does not depend on the person is made once.

    Args:
        index: the accounts.
        by_networkx: walk with `networkx.pagerank`, as most would; its graph of a million accounts would not fit into memory, so there
            the same power iteration runs on a SciPy matrix, which is several times faster.
        nearest: ask so many people, those nearest to one; None for all.
    """

    def __init__(self, index: AccountIndex, *, by_networkx: bool, nearest: int | None) -> None:
        self.index, self.nearest = index, nearest
        self.products = ExactProducts(index.facets, index.bio_vectors, index.words, index.follow_space)
        graph = index.trusted
        self.out, self.into = graph.out_matrix.astype(np.float64), graph.in_matrix.astype(np.float64)
        self.both = graph.undirected_matrix.astype(np.float64)
        self.network: Any = None
        if by_networkx:
            import networkx as nx

            self.network = nx.from_scipy_sparse_array(self.both)
        own = eye_array(len(index), format="csr")
        known = (np.diff(self.both.indptr) + 1.0) ** -0.25
        self.followings = normalize(self.out)
        self.followers = normalize((self.into + own).tocsr())
        self.neighbours = normalize(((self.both + own) @ csr_array((known, (np.arange(len(known)),) * 2))).tocsr())

    def evidence(self, who: str) -> Evidence:
        """All kinds of evidence for one person."""
        return _PlainEvidence(self, who)

    def recommend(self, who: str, n: int) -> list[tuple[str, float]]:
        """The `n` best by score, with it, among all whom nothing excludes; diversity and reasons are left out."""
        evidence = self.evidence(who)
        weights, total = default_weights().values, np.zeros(len(self.index))
        for name, weight in weights.items():
            total += weight * np.nan_to_num(FEATURES[name].measure(evidence))
        order = np.lexsort((np.arange(len(total)), -total))
        return [(row, float(total[row])) for row in order[:n].tolist()]


class _PlainEvidence(Evidence):
    def __init__(self, plain: Plain, who: str) -> None:
        super().__init__(plain.index, make_query(plain.index, who))
        self.plain, self.products, self.mine = plain, plain.products, np.zeros(len(plain.index))
        self.mine[self.query.following] = 1

    @cached_property
    def walk(self) -> Floats:
        """By networkx, or by power iteration."""
        if self.plain.network is None:
            return self._but_asking(personalized_pagerank(self.plain.both, self.query.walk_from, tolerance=1e-6))
        import networkx as nx

        # stopping where the library's own walk over a whole graph stops, so that the lists can be the same
        me, tolerance = int(self.query.walk_from[0]), 1e-6 / len(self.index)
        ranks = nx.pagerank(self.plain.network, personalization={me: 1}, tol=tolerance, max_iter=200)
        return self._but_asking(np.fromiter((ranks[row] for row in range(len(self.index))), float, len(self.index)))

    @cached_property
    def co_follow(self) -> Floats:
        """Through whole matrices."""
        scale = 1 / np.sqrt(np.maximum(np.diff(self.plain.into.indptr), 1))
        return self._but_asking((self.plain.into @ (self.plain.out @ (self.mine * scale))) * scale / max(self.mine.sum(), 1))

    @cached_property
    def likeness(self) -> Floats:
        """Through the whole matrix."""
        return self._but_asking(self.plain.followings @ self.mine / np.sqrt(max(self.mine.sum(), 1)))

    @cached_property
    def friends(self) -> Floats:
        """Through the whole matrix."""
        return self._but_asking(self.plain.into @ (self.mine / np.log1p(np.maximum(self.graph.out_degree, 1))))

    @cached_property
    def audience(self) -> Floats:
        """Through the whole matrix."""
        mine = np.zeros(len(self.index))
        mine[self.graph.followers(int(self.query.row or 0))] = 1
        return self._but_asking(self.plain.into @ (mine / np.log1p(np.maximum(self.graph.out_degree, 1))))

    @cached_property
    def peers(self) -> Floats:
        """By regression over people."""
        return self._by_people(self.plain.followings)

    @cached_property
    def neighbours(self) -> Floats:
        """By regression over people."""
        return self._by_people(self.plain.neighbours)

    @cached_property
    def fellows(self) -> Floats:
        """By regression over people."""
        return self._by_people(self.plain.followers) if self.graph.in_degree[self.query.row] else np.zeros(len(self.index))

    def _by_people(self, theirs: csr_array) -> Floats:
        mine = theirs[[self.query.row]].toarray()[0]
        people = np.flatnonzero(self.graph.chooses)
        if not mine.any() or not people.size:
            return np.zeros(len(self.index))
        nearest = self.plain.nearest
        if nearest is not None and len(people) > nearest:
            cosines = (theirs @ mine)[people]
            order = np.lexsort((people, -cosines))[:nearest]
            people = np.sort(people[order[cosines[order] > 0]])
        weights = np.zeros(len(self.index))
        weights[people] = kindred(theirs[people], mine) * self.graph.out_degree[people] ** -0.25
        found = self.plain.into @ weights
        return self._but_asking(np.where(found > 1e-5 * found.max(initial=0), found, 0))
