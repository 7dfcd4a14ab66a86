"""The facets of a set of unit vectors: one or two directions that its members gather round, and how focused the set is.

Two short texts on one topic are hardly more alike than two on different ones, so facets are looked for in a *topic space*: the few
directions in which people differ from each other far more than each differs from text to text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.kernels.similarity import unit_rows

__all__ = ["Facets", "TopicSpace", "concentration", "find_facets", "topic_space"]

Floats = npt.NDArray[np.float32]
Offsets = npt.NDArray[np.int64]

_SMALLEST_SHARE = 0.2  # of a second facet: less is a side remark
_FEWEST_TEXTS = 5  # in the smaller facet
_EVEN = 1e-9  # shares closer than this are equal
_MOST_SHARED = 0.45  # how alike texts across two facets may be, as part of how alike they are within them


@dataclass(frozen=True, slots=True)
class TopicSpace:
    """A linear map to the directions that tell people apart.

    Attributes:
        mean: (d,) what all texts have in common, taken away first.
        axes: (d, t) the directions.
    """

    mean: Floats
    axes: Floats

    def place(self, vectors: npt.NDArray[np.floating]) -> Floats:
        """(n, t) unit rows: where each of the (n, d) `vectors` lies among the topics."""
        return unit_rows((np.asarray(vectors, dtype=np.float32) - self.mean) @ self.axes)


def topic_space(vectors: npt.NDArray[np.floating], offsets: Offsets, *, size: int = 16) -> TopicSpace:
    """Linear discriminant analysis with people as classes (Rao, 1948), the within-class scatter shrunk towards a sphere.

    Args:
        vectors: (n, d) unit rows, the texts of one person after those of another.
        offsets: (people + 1,) person `i` wrote `vectors[offsets[i]:offsets[i + 1]]`.
        size: at most this many directions.

    Returns:
        The space; with fewer than 20 people who wrote twice, all directions of it, only centred.

    Example:
        >>> vectors = np.eye(4, dtype=np.float32)[[0, 1, 0, 1, 2, 3, 2, 3]]
        >>> topic_space(vectors, np.arange(0, 9, 2)).axes.shape
        (4, 4)
    """
    n, d = vectors.shape
    mean = np.zeros(d) if n == 0 else vectors.sum(axis=0, dtype=np.float64) / n
    sizes = np.diff(offsets)
    writers = np.flatnonzero(sizes >= 2)
    if len(writers) < 20:
        return TopicSpace(mean.astype(np.float32), np.eye(d, dtype=np.float32))
    within = np.zeros((d, d))
    middles = np.zeros((len(writers), d))
    for place, writer in enumerate(writers):
        own = vectors[offsets[writer] : offsets[writer + 1]].astype(np.float64)
        middles[place] = own.mean(axis=0)
        within += (own - middles[place]).T @ (own - middles[place])
    within /= max(int(sizes[writers].sum()), 1)
    scale, directions = np.linalg.eigh(within + 0.5 * np.trace(within) / d * np.eye(d))
    whiten = directions / np.sqrt(np.maximum(scale, 1e-9))
    between = (middles - mean) @ whiten
    strength, main = np.linalg.eigh(between.T @ between)
    axes = whiten @ main[:, np.argsort(-strength, kind="stable")[: min(size, len(writers) - 1)]]
    return TopicSpace(mean.astype(np.float32), axes.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Facets:
    """One or two facets, the larger first.

    Attributes:
        centres: (k, d) unit rows.
        share: (k,) part of the weight that gathers round each; sums to 1.
        labels: (n,) the facet of each vector.
    """

    centres: Floats
    share: Floats
    labels: npt.NDArray[np.int64]


def find_facets(vectors: Floats, weights: npt.ArrayLike | None = None, *, space: TopicSpace | None = None) -> Facets:
    """One facet, or two where two are clearly better, by spherical k-means (Dhillon & Modha, 2001) in the topic space.

    Two are clearly better when each has a fifth of the weight and five texts or more, and texts of different facets are, on
    average, at most 0.45 as alike as texts of the same one. The limit was
    set by looking at mixtures of invented accounts with one and with two fields; it is a choice, not a measured optimum.

    Args:
        vectors: (n, d) unit rows, n >= 1.
        weights: (n,) how much each counts; evenly by default.
        space: where to look for facets; among the vectors themselves by default.

    Example:
        >>> vectors = np.repeat(np.eye(2, dtype=np.float32), [6, 14], axis=0)
        >>> find_facets(vectors).share.tolist()
        [0.699999988079071, 0.30000001192092896]
        >>> len(find_facets(vectors[:8]).share)
        1
    """
    mass = np.ones(len(vectors)) if weights is None else np.asarray(weights, dtype=np.float64)
    one = Facets(
        _centres(vectors, mass, np.zeros(len(vectors), np.int64), 1), np.ones(1, np.float32), np.zeros(len(vectors), np.int64)
    )
    if len(vectors) < 2 * _FEWEST_TEXTS or not mass.any():
        return one
    places = (vectors if space is None else space.place(vectors)).astype(np.float64)
    labels = _two_means(places, mass)
    share = np.array([mass[labels == c].sum() for c in (0, 1)]) / mass.sum()
    if share.min() < _SMALLEST_SHARE or np.bincount(labels, minlength=2).min() < _FEWEST_TEXTS:
        return one
    across = float(np.mean(places[labels == 0], axis=0) @ np.mean(places[labels == 1], axis=0))
    within = float(np.mean([concentration(places[labels == c]) for c in (0, 1)]))
    if across > _MOST_SHARED * within:
        return one
    centres = _centres(vectors, mass, labels, 2)
    if share[0] < share[1] - _EVEN or (abs(share[0] - share[1]) <= _EVEN and _comes_second(centres)):
        share, labels, centres = share[::-1], 1 - labels, centres[::-1].copy()
    return Facets(centres, share.astype(np.float32), labels)


def _comes_second(centres: Floats) -> bool:
    """Whether the first of two centres comes after the other: settles ties by where they lie, not by the order of the texts."""
    apart = centres[0] - centres[1]
    telling = np.flatnonzero(np.abs(apart) > np.abs(apart).max() / 2)
    return bool(telling.size and apart[telling[0]] < 0)


def _centres(vectors: Floats, mass: npt.NDArray[np.float64], labels: npt.NDArray[np.int64], k: int) -> Floats:
    return unit_rows(np.stack([mass[labels == c] @ vectors[labels == c].astype(np.float64) for c in range(k)]))


def _two_means(rows: npt.NDArray[np.float64], mass: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Spherical 2-means, started from the two sides of the first principal direction."""
    spread = (rows - mass @ rows / mass.sum()) * np.sqrt(mass)[:, None]
    if len(rows) <= rows.shape[1]:
        direction = spread.T @ np.linalg.eigh(spread @ spread.T)[1][:, -1]
    else:
        direction = np.linalg.eigh(spread.T @ spread)[1][:, -1]
    labels = (spread @ direction > 0).astype(np.int64)
    for _ in range(50):
        if labels.min() == labels.max():
            break
        centres = np.stack([mass[labels == c] @ rows[labels == c] for c in (0, 1)])
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
        after = (rows @ centres[1] > rows @ centres[0]).astype(np.int64)
        if (after == labels).all():
            break
        labels = after
    return labels


def concentration(vectors: npt.NDArray[np.floating]) -> float:
    """The mean cosine between two different vectors of the set: 1 when all are alike, about 0 when they have nothing in common.

    Args:
        vectors: (n, d) unit rows; NaN for n < 2.

    Example:
        >>> concentration(np.eye(2, dtype=np.float32)), concentration(np.ones((3, 1), np.float32))
        (0.0, 1.0)
    """
    n = len(vectors)
    if n < 2:
        return float("nan")
    total = vectors.sum(axis=0, dtype=np.float64)
    own = np.einsum("ij,ij->", vectors, vectors, dtype=np.float64)
    return float((total @ total - own) / (n * (n - 1)))
