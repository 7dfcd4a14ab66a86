"""Laying out unit vectors in the plane, and finding the groups that one sees there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["dense_groups", "flat_layout"]

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_PERPLEXITY = (5, 30)  # neighbours, as it were, that each point is kept near to: few among few points
_POINTS_EACH = 16  # points for each such neighbour
_FEWEST = 12  # points; fewer have no neighbourhoods, and are laid out by their two widest directions
_FLAT = 1e-9
_ITERATIONS = 500
_DIRECTIONS = 50  # of the vectors, before neighbours are looked for
_LANDMARKS = 4000  # points that t-SNE lays out; it takes minutes for many more
_NEAREST = 5  # landmarks that the other points are put between
_BLOCK = 2000


def flat_layout(vectors: npt.NDArray[np.floating]) -> Floats:
    """(n, 2) places in [-1, 1] where neighbours among the vectors are neighbours again: t-SNE (van der Maaten, 2014), begun at the PCA.

    The same vectors in the same order get the same places: it begins at the two widest directions and runs in one thread, as threads
    add up in any order. Only neighbourhood means something; the distance between far groups does not. Beyond 4,000 points, so many
    evenly spaced ones are laid out, and the others put among the five nearest of them.

    Args:
        vectors: (n, d) rows.

    Example:
        >>> places = flat_layout(np.eye(3)[[0, 0, 1, 1]])
        >>> bool(np.allclose(places[0], places[1])), bool(np.allclose(places[0], places[2]))
        (True, False)
    """
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    rows = np.asarray(vectors, dtype=np.float64)
    n, d = rows.shape
    if n < 2 or d < 1 or float(np.ptp(rows, axis=0).max(initial=0)) < _FLAT:
        return np.zeros((n, 2))
    with threadpool_limits(limits=1):
        found = PCA(min(n, d, _DIRECTIONS), svd_solver="full").fit_transform(rows)
        if found.shape[1] < 2:
            found = np.hstack([found, np.zeros((n, 1))])
        if n >= _FEWEST and float(found[:, 1].std()) > _FLAT:
            chosen = np.unique(np.linspace(0, n - 1, min(n, _LANDMARKS)).round().astype(np.int64))
            laid = _by_neighbours(found[chosen])
            found = laid if len(chosen) == n else _between(found, found[chosen], laid)
    places = found[:, :2]
    places = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return np.asarray(places / max(float(np.abs(places).max()), _FLAT))


def _by_neighbours(rows: Floats) -> Floats:
    from sklearn.manifold import TSNE

    begun = (rows[:, :2] / rows[:, 0].std() * 1e-4).astype(np.float32)
    near = float(np.clip(len(rows) / _POINTS_EACH, *_PERPLEXITY))
    made = TSNE(2, init=begun, perplexity=near, max_iter=_ITERATIONS, random_state=0, n_jobs=1)
    return np.asarray(made.fit_transform(rows.astype(np.float32)), dtype=np.float64)


def _between(rows: Floats, landmarks: Floats, laid: Floats) -> Floats:
    """Each row among the places of its nearest landmarks, the nearer the more; a landmark in its own place."""
    found = np.empty((len(rows), 2))
    squares = np.einsum("ij,ij->i", landmarks, landmarks)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        far = np.einsum("ij,ij->i", block, block)[:, None] - 2 * block @ landmarks.T + squares
        nearest = np.argpartition(far, _NEAREST, axis=1)[:, :_NEAREST]
        weight = 1 / (np.maximum(np.take_along_axis(far, nearest, axis=1), 0) + _FLAT)
        weight /= weight.sum(axis=1, keepdims=True)
        found[start : start + len(block)] = np.einsum("ij,ijk->ik", weight, laid[nearest])
    return found


def dense_groups(places: Floats, *, fewest: int) -> Labels:
    """(n,) the group that each point belongs to, the largest group first, or -1: HDBSCAN (Campello, Moulavi & Sander, 2013).

    Args:
        places: (n, 2) points.
        fewest: points in a group.

    Example:
        >>> corner = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) / 10
        >>> dense_groups(np.concatenate([corner, corner + 1, [[9.0, 9.0]]]), fewest=3).tolist()
        [0, 0, 0, 0, 1, 1, 1, 1, -1]
    """
    from sklearn.cluster import HDBSCAN

    if len(places) < 2 * fewest or fewest < 2:
        return np.full(len(places), -1, dtype=np.int64)
    found = HDBSCAN(
        min_cluster_size=fewest, min_samples=min(5, fewest), cluster_selection_method="leaf", copy=True, n_jobs=1
    ).fit_predict(places)
    kept = found >= 0
    names, first, sizes = np.unique(found[kept], return_index=True, return_counts=True)
    ranked = np.lexsort((first, -sizes))
    number = np.empty(len(names), dtype=np.int64)
    number[ranked] = np.arange(len(names))
    labels = np.full(len(places), -1, dtype=np.int64)
    labels[kept] = number[np.searchsorted(names, found[kept])]
    return labels
