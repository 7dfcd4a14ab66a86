"""The harness: how good is a ranking on a split, for each query and for all of them together?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from tweetfocus.evaluation.splits import Split
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.metrics import bootstrap_interval, gini, ndcg, precision, recall, reciprocal_rank
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.weights import Weights

__all__ = ["Measured", "Scorer", "compare", "measure", "top_rows", "weighted"]

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


def weighted(index: AccountIndex) -> Callable[[Weights], Scorer]:
    """Scorers that give every account of the index the score of `recommend`; those of one index share the evidence of a query.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> score = weighted(index)(tf.Weights({"facets": 1.0}))
        >>> score(index.data.row("@me")).shape
        (239,)
    """

    @lru_cache(maxsize=1)
    def features(row: int) -> Floats:
        evidence = Evidence(index, make_query(index, index.data.account_id(row)))
        return np.stack([np.nan_to_num(feature.measure(evidence).astype(np.float64)) for feature in FEATURES.values()], axis=1)

    def scorer(weights: Weights) -> Scorer:
        vector = np.array([weights.values.get(name, 0.0) for name in FEATURES])
        return lambda row: features(row) @ vector

    return scorer


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


def measure(split: Split, index: AccountIndex, score: Scorer, *, progress: bool = False) -> Measured:
    """Rank the candidates for every query of the split, without those it is known to follow, and compare with what was hidden.

    Args:
        split: the training part and the truth.
        index: of `split.train`.
        score: the method.
        progress: draw a bar on standard error.
    """
    return compare(split, index, {"": score}, progress=progress)[""]


def compare(split: Split, index: AccountIndex, scorers: Mapping[str, Scorer], *, progress: bool = False) -> dict[str, Measured]:
    """`measure` of several methods in one pass over the queries."""
    from tqdm import tqdm

    tallies = {name: _Tally(index, split) for name in scorers}
    for query in tqdm(split.truth, desc=f"measuring: {split.name}", unit="query", disable=not progress, leave=False):
        allowed = split.candidates.copy()
        allowed[index.graph.following(query)] = False
        allowed[query] = False
        for name, score in scorers.items():
            tallies[name].count(query, top_rows(score(query), allowed, _DEPTH, seed=query))
    return {name: tally.total() for name, tally in tallies.items()}


class _Tally:
    """What one method showed so far."""

    def __init__(self, index: AccountIndex, split: Split) -> None:
        self.index, self.split = index, split
        self.values: dict[str, list[float]] = {name: [] for name in ("ndcg@10", "recall@100", "precision@10", "mrr", "facets")}
        self.shown = np.zeros(len(index), dtype=np.int64)

    def count(self, query: int, top: Rows) -> None:
        truth = self.split.truth[query]
        hits = np.isin(top, truth)
        measured = {
            "ndcg@10": ndcg(hits, len(truth), _SHOWN),
            "recall@100": recall(hits, len(truth), _DEPTH),
            "precision@10": precision(hits, _SHOWN),
            "mrr": reciprocal_rank(hits),
            "facets": _facets_served(self.index, query, top[:_SHOWN]),
        }
        for name, value in measured.items():
            self.values[name].append(value)
        self.shown[top[:_SHOWN]] += 1

    def total(self) -> Measured:
        of_candidates = self.shown[self.split.candidates]
        return Measured(
            MappingProxyType({name: np.array(values) for name, values in self.values.items()}),
            coverage=float((of_candidates > 0).mean()),
            followers=float(self.shown @ self.index.graph.in_degree / max(self.shown.sum(), 1)),
            gini=gini(of_candidates),
        )


def _facets_served(index: AccountIndex, query: int, rows: Rows) -> float:
    """Share of the person's facets that are the nearest one to some account of `rows`."""
    mine, _ = index.facet_vectors(query)
    if len(mine) < 2:
        return float("nan")
    theirs = [vectors for row in rows.tolist() if len(vectors := index.facet_vectors(row)[0])]
    served = {int((vectors @ mine.T).max(axis=0).argmax()) for vectors in theirs}
    return len(served) / len(mine)
