"""How many interests a set of unit vectors holds: groups that are large, far enough apart, and found again in other samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Partition", "halves_share", "partition", "shared_likeness"]

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_STABLE = 0.8  # part of the members that must stay together when each half of them draws the borders by itself
_SAMPLE = 500  # members, evenly spaced, that `halves_share` looks at
_SPREAD = 2_000  # members, evenly spaced, from which borders are drawn


@dataclass(frozen=True, eq=False, slots=True)
class Partition:
    """A set of vectors in groups.

    Attributes:
        labels: (n,) 0 for the largest group.
        shared: how alike members of the two nearest groups are, as part of how alike those of one group are; NaN for one group.
        stable: part of the members that stay together when each half of the set draws the borders by itself; NaN for one group.
    """

    labels: Labels
    shared: float
    stable: float

    @property
    def groups(self) -> int:
        """How many."""
        return int(self.labels.max(initial=0)) + 1


def partition(
    places: npt.NDArray[np.floating], *, fewest: int, limit: float, most: int = 10
) -> tuple[Partition, Partition | None]:
    """As many groups as are real, by k-means started from repeated halving, and the next finer partition, which is not.

    Groups are real when each has `fewest` members, members of two groups are at most `limit` as alike as those of one, and four fifths
    of the members stay together when each half of the set draws the borders by itself.

    Args:
        places: (n, d) unit rows.
        fewest: members of a group.
        limit: of `Partition.shared`.
        most: groups.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> places = np.repeat(np.eye(3), [40, 30, 20], axis=0) + rng.normal(0, 0.1, (90, 3))
        >>> found, finer = partition(places / np.linalg.norm(places, axis=1, keepdims=True), fewest=5, limit=0.4)
        >>> np.bincount(found.labels).tolist(), finer.shared > 0.4
        ([40, 30, 20], True)
    """
    rows = np.asarray(places, dtype=np.float64)
    best, finer = Partition(np.zeros(len(rows), dtype=np.int64), float("nan"), float("nan")), None
    for k in range(2, most + 1):
        tried = _measured(rows, k, fewest)
        if tried is None:
            break
        if tried.shared <= limit and tried.stable >= _STABLE:
            best, finer = tried, None
        elif finer is None:
            finer = tried
    return best, finer


def halves_share(places: npt.NDArray[np.floating], *, fewest: int = 5) -> float:
    """`Partition.shared` of a set cut in two; NaN where it cannot be cut so that each half has `fewest` members.

    Example:
        >>> round(halves_share(np.repeat(np.eye(2), 6, axis=0)), 3)
        0.0
    """
    rows = _evenly(np.asarray(places, dtype=np.float64), _SAMPLE)
    labels = _grouped(rows, 2)
    if labels is None or np.bincount(labels, minlength=2).min() < max(fewest, 2):
        return float("nan")
    return shared_likeness(rows, labels)


def shared_likeness(rows: Floats, labels: Labels) -> float:
    """How alike members of the two nearest groups are on average, as part of how alike two members of one of them are.

    Example:
        >>> rows = np.array([[1.0, 0], [1, 0], [0.6, 0.8], [0.6, 0.8]])
        >>> round(shared_likeness(rows, np.array([0, 0, 1, 1])), 3)
        0.6
    """
    sizes = np.bincount(labels)
    sums = np.stack([rows[labels == g].sum(axis=0) for g in range(len(sizes))])
    own = np.array([np.einsum("ij,ij->", rows[labels == g], rows[labels == g]) for g in range(len(sizes))])
    within = (np.einsum("ij,ij->i", sums, sums) - own) / np.maximum(sizes * (sizes - 1), 1)
    across = (sums @ sums.T) / np.outer(sizes, sizes)
    pairs = np.triu_indices(len(sizes), 1)
    inside = (within[pairs[0]] + within[pairs[1]]) / 2
    shared = np.where(inside > 0, across[pairs] / np.where(inside > 0, inside, 1), 1.0)
    return float(shared.max())


def _measured(rows: Floats, k: int, fewest: int) -> Partition | None:
    centres = _centres(_evenly(rows, _SPREAD), k)
    if centres is None:
        return None
    labels = _nearest(rows, centres)
    sizes = np.bincount(labels, minlength=k)
    if sizes.min() < max(fewest, 2):
        return None
    order = np.argsort(-sizes, kind="stable")
    labels = np.argsort(order)[labels]
    return Partition(labels, shared_likeness(rows, labels), _stability(rows, labels, k))


def _stability(rows: Floats, labels: Labels, k: int) -> float:
    kept = []
    for half in (rows[::2], rows[1::2]):
        centres = _centres(_evenly(half, _SPREAD), k)
        if centres is None:
            return 0.0
        table = np.zeros((k, k))
        np.add.at(table, (labels, _nearest(rows, centres)), 1)
        kept.append(table.max(axis=1).sum() / len(rows) if len(set(table.argmax(axis=1).tolist())) == k else 0.0)
    return float(min(kept))


def _grouped(rows: Floats, k: int) -> Labels | None:
    centres = _centres(rows, k)
    return None if centres is None else _nearest(rows, centres)


def _centres(rows: Floats, k: int) -> Floats | None:
    """(k, d) of k-means: the most spread group is cut across its first principal direction until there are k, then all move."""
    if len(rows) < 2 * k:
        return None
    labels = np.zeros(len(rows), dtype=np.int64)
    for group in range(1, k):
        spread = [float(((rows[labels == g] - rows[labels == g].mean(axis=0)) ** 2).sum()) for g in range(group)]
        members = np.flatnonzero(labels == int(np.argmax(spread)))
        centred = rows[members] - rows[members].mean(axis=0)
        beyond = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1] > 0
        if beyond.all() or not beyond.any():
            return None
        labels[members[beyond]] = group
        for _ in range(50):
            centres = np.stack([rows[labels == g].mean(axis=0) for g in range(group + 1)])
            after = _nearest(rows, centres)
            if (after == labels).all():
                break
            labels = after
            if np.bincount(labels, minlength=group + 1).min() == 0:
                return None
    return np.stack([rows[labels == g].mean(axis=0) for g in range(k)])


def _nearest(rows: Floats, centres: Floats) -> Labels:
    products = rows @ centres.T - (centres**2).sum(axis=1) / 2
    return products.argmax(axis=1).astype(np.int64)


def _evenly(rows: Floats, most: int) -> Floats:
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), most)).round().astype(np.int64))]
