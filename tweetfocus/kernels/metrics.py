"""Measures of a ranking: how good a list is for one person, what a recommender does to all, and how sure a mean is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["bootstrap_interval", "gini", "ndcg", "precision", "recall", "reciprocal_rank"]

Floats = npt.NDArray[np.float64]
Hits = npt.NDArray[np.bool_]


def ndcg(hits: Hits, relevant: int, k: int) -> float:
    """Normalised discounted cumulative gain of the first `k` places, binary relevance (Järvelin & Kekäläinen, 2002).

    Args:
        hits: which places of the list hold a relevant item.
        relevant: how many relevant items there are; NaN for none.
        k: places that count.

    Example:
        >>> round(ndcg(np.array([False, True, False]), relevant=2, k=3), 4)
        0.3869
    """
    if relevant < 1:
        return float("nan")
    gains = 1 / np.log2(np.arange(2, k + 2))
    return float(gains[: len(hits)][hits[:k]].sum() / gains[: min(relevant, k)].sum())


def recall(hits: Hits, relevant: int, k: int) -> float:
    """Part of the relevant items that the first `k` places hold; NaN for none.

    Example:
        >>> recall(np.array([True, False, True]), relevant=4, k=2)
        0.25
    """
    return float(hits[:k].sum() / relevant) if relevant else float("nan")


def precision(hits: Hits, k: int) -> float:
    """Part of the first `k` places that hold a relevant item; places that the list lacks count as misses.

    Example:
        >>> precision(np.array([True, False]), k=4)
        0.25
    """
    return float(hits[:k].sum() / k)


def reciprocal_rank(hits: Hits) -> float:
    """One over the place of the first relevant item; 0 for none.

    Example:
        >>> reciprocal_rank(np.array([False, True, True]))
        0.5
    """
    found = np.flatnonzero(hits)
    return float(1 / (found[0] + 1)) if found.size else 0.0


def gini(counts: npt.ArrayLike) -> float:
    """How unevenly recommendations fall on items: 0 for evenly, towards 1 for all on one.

    Example:
        >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 4])
        (0.0, 0.75)
    """
    values = np.sort(np.asarray(counts, dtype=np.float64))
    if not values.size or values.sum() == 0:
        return 0.0
    n = len(values)
    return float((2 * np.arange(1, n + 1) - n - 1) @ values / (n * values.sum()))


def bootstrap_interval(
    values: npt.ArrayLike, *, level: float = 0.95, samples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean over queries (Efron, 1979); for a paired difference, pass the differences.

    NaN values (queries that a measure does not apply to) are left out.

    Example:
        >>> low, high = bootstrap_interval([0.0, 1.0] * 50)
        >>> round(low, 1), round(high, 1)
        (0.4, 0.6)
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not known.size:
        return float("nan"), float("nan")
    draws = np.random.default_rng(seed).integers(0, known.size, size=(samples, known.size))
    means = known[draws].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
