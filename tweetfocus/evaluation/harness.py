"""The harness: how good is a ranking on a split, for each query and for all of them together?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from tweetfocus.evaluation.splits import Split
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.metrics import bootstrap_interval, gini, ndcg, precision, recall, reciprocal_rank
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.features import contributions
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.weights import Weights

__all__ = ["Measured", "Scorer", "measure", "scorer", "top_rows"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

Scorer = Callable[[int], npt.NDArray[np.floating]]
"""Query row -> (n,) scores, the higher the better; NaN or -inf for an account that the method cannot rank."""

_DEPTH = 100  # places that recall looks at
_SHOWN = 10  # places that people look at


@dataclass(frozen=True, eq=False)
class Measured:
    """What a ranking scored on a split.

    Attributes:
        per_query: measure -> (queries,) values: `ndcg@10`, `recall@100`, `precision@10`, `mrr`, and `facets`, the share of the
            person's facets that the first ten serve (NaN with fewer than two facets).
        coverage: share of the candidates that anybody was shown among their first ten.
        followers: mean number of followers, in the training part, of what was shown.
        gini: how unevenly what was shown falls on the candidates.
    """

    per_query: Mapping[str, Floats]
    coverage: float
    followers: float
    gini: float

    def mean(self, name: str) -> float:
        """Mean of a measure over the queries it applies to; NaN if it applies to none."""
        known = self.per_query[name][np.isfinite(self.per_query[name])]
        return float(known.mean()) if known.size else float("nan")

    def interval(self, name: str) -> tuple[float, float]:
        """Bootstrap 95 % interval of the mean, over queries."""
        return bootstrap_interval(self.per_query[name])

    def gain(self, other: Measured, name: str, factor: float = 1.0) -> tuple[float, float, float]:
        """Mean of (mine - factor x theirs) over the same queries, and its bootstrap 95 % interval."""
        differences = self.per_query[name] - factor * other.per_query[name]
        known = differences[np.isfinite(differences)]
        return (float(known.mean()) if known.size else float("nan"), *bootstrap_interval(differences))


def scorer(index: AccountIndex, weights: Weights) -> Scorer:
    """The score of `recommend` with these weights, for every account of the index."""
    everybody = np.arange(len(index))

    def score(row: int) -> Floats:
        evidence = Evidence(index, make_query(index, index.data.account_id(row)))
        return contributions(evidence, everybody, weights.values)[1].sum(axis=1)

    return score


def top_rows(scores: npt.NDArray[np.floating], allowed: npt.NDArray[np.bool_], k: int, *, seed: int = 0) -> Rows:
    """The `k` allowed rows with the highest finite scores, best first; equal scores in an order drawn by `seed`, not by row.

    Example:
        >>> top_rows(np.array([0.1, np.nan, 0.9, 0.5]), np.array([True, True, False, True]), 3).tolist()
        [3, 0]
    """
    rows = np.flatnonzero(allowed & np.isfinite(scores))
    if len(rows) > k:
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    rows = np.random.default_rng(seed).permutation(rows)
    return rows[np.argsort(-scores[rows], kind="stable")][:k]


def measure(
    split: Split, index: AccountIndex, score: Scorer, *, progress: Callable[[list[int]], object] | None = None
) -> Measured:
    """Rank the candidates for every query of the split, without those it is known to follow, and compare with what was hidden.

    Args:
        split: the training part and the truth.
        index: of `split.train`.
        score: the method.
        progress: wraps the list of queries, to draw a bar.
    """
    found: dict[str, list[float]] = {name: [] for name in ("ndcg@10", "recall@100", "precision@10", "mrr", "facets")}
    shown = np.zeros(len(index), dtype=np.int64)
    for query in _queries(split, progress):
        allowed = split.candidates.copy()
        allowed[index.graph.following(query)] = False
        allowed[query] = False
        top = top_rows(score(query), allowed, _DEPTH, seed=query)
        truth = split.truth[query]
        hits = np.isin(top, truth)
        found["ndcg@10"].append(ndcg(hits, len(truth), _SHOWN))
        found["recall@100"].append(recall(hits, len(truth), _DEPTH))
        found["precision@10"].append(precision(hits, _SHOWN))
        found["mrr"].append(reciprocal_rank(hits))
        found["facets"].append(_facets_served(index, query, top[:_SHOWN]))
        shown[top[:_SHOWN]] += 1
    of_candidates = shown[split.candidates]
    return Measured(
        MappingProxyType({name: np.array(values) for name, values in found.items()}),
        coverage=float((of_candidates > 0).mean()),
        followers=float(shown @ index.graph.in_degree / max(shown.sum(), 1)),
        gini=gini(of_candidates),
    )


def _queries(split: Split, progress: Callable[[list[int]], object] | None) -> list[int]:
    queries = list(split.truth)
    return queries if progress is None else progress(queries)  # type: ignore[return-value]


def _facets_served(index: AccountIndex, query: int, rows: Rows) -> float:
    """Share of the person's facets that are the nearest one to some account of `rows`."""
    mine, _ = index.facet_vectors(query)
    if len(mine) < 2:
        return float("nan")
    theirs = [vectors for row in rows.tolist() if len(vectors := index.facet_vectors(row)[0])]
    served = {int((vectors @ mine.T).max(axis=0).argmax()) for vectors in theirs}
    return len(served) / len(mine)
