"""`VectorIndex`: what can be searched for the nearest of many vectors. Exact unless you pass something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest, MissingExtra
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.quantized import QuantizedRows, quantize
from tweetfocus.kernels.search import search
from tweetfocus.kernels.similarity import best_per_group, merge_top_k, row_products

__all__ = ["ApproximateVectors", "ExactVectors", "VectorIndex", "nearest_accounts"]

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


class VectorIndex(Protocol):
    """Anything that finds the rows with the highest inner products.

    Example:
        >>> isinstance(ExactVectors.of(np.eye(2, dtype=np.float32)).search(np.eye(2, dtype=np.float32), 1), tuple)
        True
    """

    def __len__(self) -> int:
        """How many vectors it holds."""
        ...

    def search(self, queries: Floats, k: int, *, allowed: Mask | None = None) -> tuple[Floats, Rows]:
        """(m, k') scores and rows for (m, d) queries, best first; only `allowed` rows. k' is k, or all rows if they are fewer."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class ExactVectors:
    """Certified exact search, see `kernels.search`.

    Example:
        >>> ExactVectors.of(np.eye(3, dtype=np.float32)).search(np.float32([[0, 1, 0]]), 1)[1].tolist()
        [[1]]
    """

    vectors: Floats
    quantized: QuantizedRows

    @classmethod
    def of(cls, vectors: Floats) -> ExactVectors:
        """Of (n, d) unit rows, which are rounded to int8 once."""
        return cls(vectors, quantize(vectors))

    def __len__(self) -> int:
        return len(self.vectors)

    def search(self, queries: Floats, k: int, *, allowed: Mask | None = None) -> tuple[Floats, Rows]:
        """See `VectorIndex.search`; ties by row."""
        return search(np.atleast_2d(queries), self.quantized, self.vectors, k, allowed=allowed)


class ApproximateVectors:
    """A graph (HNSW, through usearch) over unit vectors: quicker for each query, minutes to build, and some rows are missed.

    Rows that are not allowed are left out after the graph was asked, which is then asked for more; where that takes half of all
    rows, exact search answers. Scores are those of exact search.

    Args:
        vectors: (n, d) unit rows.
        width: the larger, the fewer rows are missed, and the longer a search takes.

    Raises:
        MissingExtra: usearch is not installed.
        InvalidRequest: vectors that are no unit vectors, or a width below 1.
    """

    def __init__(self, vectors: Floats, *, width: int = 400) -> None:
        try:
            from usearch.index import Index
        except ImportError as error:
            raise MissingExtra("approximate", "approximate search") from error
        if width < 1:
            raise InvalidRequest(f"width must be at least 1, not {width}")
        self._exact = ExactVectors.of(vectors)
        self._graph: Any = Index(ndim=vectors.shape[1], metric="ip", dtype="f16", expansion_search=width)
        self._graph.add(np.arange(len(vectors)), np.asarray(vectors, np.float32))

    def __len__(self) -> int:
        return len(self._exact)

    def search(self, queries: Floats, k: int, *, allowed: Mask | None = None) -> tuple[Floats, Rows]:
        """See `VectorIndex.search`."""
        asked = np.atleast_2d(np.asarray(queries, np.float32))
        n = len(self)
        wanted, k = k, min(k, n if allowed is None else int(allowed.sum())) if k > 0 else k
        parts = [self._one(query, k, allowed) for query in asked] if 0 < k <= n // 2 else []
        if not parts:
            return self._exact.search(asked, wanted, allowed=allowed)
        return np.stack([scores for scores, _ in parts]), np.stack([rows for _, rows in parts])

    def _one(self, query: Floats, k: int, allowed: Mask | None) -> tuple[Floats, Rows]:
        wanted = k
        while wanted <= len(self) // 2:
            rows = np.asarray(self._graph.search(query, wanted).keys).astype(np.int64)
            rows = np.sort(rows if allowed is None else rows[allowed[rows]])
            if len(rows) >= k:
                scores = row_products(np.asarray(self._exact.vectors[rows], np.float32), query)
                best, found = merge_top_k([(scores[None], rows[None])], k)
                return best[0], found[0]
            wanted *= 2
        scores, found = self._exact.search(query[None], k, allowed=allowed)
        return scores[0], found[0]


def nearest_accounts(
    index: AccountIndex, facets: Floats, k: int, *, among: VectorIndex | None = None, allowed: Mask | None = None
) -> tuple[Floats, Rows]:
    """The `k` accounts of which some facet is nearest to some of `facets`.

    Args:
        index: the accounts.
        facets: (f, d), for instance `index.facet_vectors(row)[0]`, or `index.encode(["heat pumps"])`.
        k: how many accounts; all that have text and are allowed, if there are fewer.
        among: where `index.facets.vectors` are searched; `ExactVectors` of them by default. Keep one for many calls.
        allowed: (n,) which accounts may be returned; all by default.

    Returns:
        scores (k',) float32 and rows of accounts (k',) int64, best first, equal scores by row.

    Raises:
        InvalidRequest: k < 1, no facets, or `among` or `allowed` of another size.

    Example:
        >>> import tweetfocus as tf
        >>> people = [tf.Account(account_id=i, bio=bio) for i, bio in {"1": "Heat pumps", "2": "Chef", "3": "Heat pumps"}.items()]
        >>> index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)
        >>> nearest_accounts(index, index.facet_vectors(0)[0], 2)[1].tolist()
        [0, 2]
    """
    if k < 1 or not len(facets):
        raise InvalidRequest(f"nearest accounts need a k of at least 1 and a facet, not k={k} and {len(facets)} facets")
    if allowed is not None and allowed.shape != (len(index),):
        raise InvalidRequest(f"allowed has shape {allowed.shape}; it must be ({len(index)},)")
    table = index.facets
    searched: VectorIndex = among if among is not None else ExactVectors.of(table.vectors)
    if len(searched) != len(table.vectors):
        raise InvalidRequest(f"`among` holds {len(searched)} vectors, but the accounts have {len(table.vectors)} facets")
    counts = np.diff(table.offsets)
    owners = np.repeat(np.arange(len(index)), counts)
    # the best k times the most facets of anybody belong to at least k accounts, and the best k are among them
    deep = k * int(counts.max(initial=1))
    scores, rows = searched.search(facets, deep, allowed=None if allowed is None else allowed[owners])
    order = np.argsort(owners[rows.reshape(-1)], kind="stable")
    owner, value = owners[rows.reshape(-1)][order], scores.reshape(-1)[order]
    found, first = np.unique(owner, return_index=True)
    best = best_per_group(value, np.append(first, len(value)).astype(np.int64))
    top, accounts = merge_top_k([(best[None], found[None])], k)
    return top[0], accounts[0]
