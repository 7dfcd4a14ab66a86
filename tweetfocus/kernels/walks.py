"""Random walks on a sparse graph: personalised PageRank, and SALSA over a circle of trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest
from tweetfocus.kernels.lines import Adjacency, spans
from tweetfocus.kernels.selection import distinct, largest

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["circle_of_trust", "local_pagerank", "personalized_pagerank", "salsa"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_LIMITS = (1000, 100, 10, 1)  # times the precision: what is passed on first


def personalized_pagerank(
    adjacency: csr_array,
    seeds: npt.ArrayLike,
    *,
    damping: float = 0.85,
    tolerance: float = 1e-9,
    max_steps: int = 200,
) -> Floats:
    """Where a walker who starts over at the seeds is found: PageRank with the seeds as teleport set (Page et al., 1999).

    A row without edges sends its walker back to the seeds, as in networkx.

    Args:
        adjacency: (n, n) CSR; entry (i, j) is the weight of the step from i to j.
        seeds: rows, each an equal share of the restarts.
        damping: the chance of a step rather than a restart, in [0, 1).
        tolerance: stop when the distribution changes by less than this in total,
        max_steps: or after so many steps.

    Returns:
        (n,) probabilities that sum to 1.

    Raises:
        InvalidRequest: no seeds, a seed that is not a row, or damping out of range.

    Example:
        >>> from scipy.sparse import csr_array
        >>> chain = csr_array(np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], float))
        >>> personalized_pagerank(chain, [0], damping=0.5).round(3).tolist()
        [0.571, 0.286, 0.143]
    """
    rows = _seeds(adjacency, seeds, damping)
    weight = np.asarray(adjacency.sum(axis=1), dtype=np.float64).ravel()
    sink = weight == 0
    share = 1 / np.where(sink, 1, weight)
    backwards = adjacency.T.tocsr() if adjacency.format != "csc" else adjacency.T
    restart = np.zeros(adjacency.shape[0])
    restart[rows] = 1 / rows.size
    found = restart
    for _ in range(max_steps):
        stepped = backwards @ (found * share)
        after = damping * (stepped + found[sink].sum() * restart) + (1 - damping) * restart
        change = np.abs(after - found).sum()
        found = after
        if change < tolerance:
            break
    return found


def _seeds(adjacency: Adjacency, seeds: npt.ArrayLike, damping: float) -> Rows:
    rows = np.unique(np.asarray(seeds, dtype=np.int64))
    if not rows.size:
        raise InvalidRequest("a walk needs at least one seed")
    if rows[0] < 0 or rows[-1] >= adjacency.shape[0]:
        raise InvalidRequest(f"seeds name rows outside 0 .. {adjacency.shape[0] - 1}")
    if not 0 <= damping < 1:
        raise InvalidRequest(f"damping must lie in [0, 1), not {damping}")
    return rows


def local_pagerank(neighbours: Adjacency, seeds: npt.ArrayLike, *, damping: float = 0.85, precision: float = 2.5e-7) -> Floats:
    """`personalized_pagerank` of an undirected graph near the seeds, at a cost that depends on the precision and not on the size.

    Forward push (Andersen, Chung & Lang, FOCS 2006): whoever holds more than `precision` per neighbour of what has not been walked yet
    passes it on, in rounds, until nobody does; much before little, which saves a fifth of the reading. That reads at most
    1 / ((1 - damping) precision) edges, however large the graph is.
    What is left over is far on its way to where every walk ends, a distribution by degree, so the rows that were reached get their
    part of that: plain push leaves the well-connected too low.

    Args:
        neighbours: (n, n) CSR, symmetric, without repeated entries; an edge is an edge, whatever its value.
        seeds: rows, each an equal share of the restarts.
        damping: the chance of a step rather than a restart, in [0, 1).
        precision: no row is further than this times its degree from its exact value.

    Returns:
        (n,) estimates; zero for rows that no walk of notable weight comes by.

    Raises:
        InvalidRequest: as for `personalized_pagerank`, or a precision that is not above zero.

    Example:
        >>> from scipy.sparse import csr_array
        >>> path = csr_array(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], float))
        >>> local_pagerank(path, [0], damping=0.5).round(3).tolist()
        [0.583, 0.333, 0.083]
    """
    rows = _seeds(neighbours, seeds, damping)
    if not precision > 0:
        raise InvalidRequest(f"precision must be above zero, not {precision}")
    indptr, indices, n = neighbours.indptr, neighbours.indices, neighbours.shape[0]
    found, left, reached = np.zeros(n), np.zeros(n), np.zeros(n, dtype=bool)
    left[rows], reached[rows] = 1 / rows.size, True
    for limit in precision * np.array(_LIMITS):
        front = _above(indptr, left, np.flatnonzero(reached), limit)
        while front.size:
            mass = left[front]
            left[front] = 0
            found[front] += (1 - damping) * mass
            start = indptr[front].astype(np.int64)
            degree = indptr[front + 1] - start
            met = indices[spans(start, degree)]
            np.add.at(left, met, np.repeat(damping * mass / np.maximum(degree, 1), degree))
            stranded = float(mass[degree == 0].sum())
            if stranded:  # a row without edges sends its walker back
                left[rows] += damping * stranded / rows.size
                met = np.append(met, rows)
            met = distinct(met)  # neighbours of many are looked at once, and in the order in which they lie
            reached[met] = True
            met = met[left[met] > limit]  # most hold too little for even one neighbour
            front = _above(indptr, left, met, limit).astype(np.int64)
    touched = np.flatnonzero(reached)
    degree = indptr[touched + 1] - indptr[touched]
    rest = left[touched]
    found[touched] += (1 - damping) * rest + damping * rest.sum() * degree / max(int(indptr[-1]), 1)
    return found


def _above(indptr: Rows, left: Floats, rows: npt.NDArray[np.integer], limit: float) -> npt.NDArray[np.integer]:
    """Those of `rows` that hold more than `limit` for each neighbour."""
    return rows[left[rows] > limit * np.maximum(indptr[rows + 1] - indptr[rows], 1)]


def circle_of_trust(visits: Floats, size: int, *, but: npt.ArrayLike = ()) -> Rows:
    """The `size` rows visited most by a walk from a person: whom they trust (Gupta et al., WWW 2013).

    Args:
        visits: (n,) from `personalized_pagerank`.
        size: at most this many rows; rows never visited do not count.
        but: rows to leave out.

    Example:
        >>> circle_of_trust(np.array([0.5, 0.1, 0.0, 0.4]), 2).tolist()
        [0, 3]
    """
    reach = visits.copy()
    reach[np.asarray(but, dtype=np.int64)] = 0
    return largest(reach, size)


def salsa(
    following: Adjacency, circle: npt.ArrayLike, *, reset: float = 0.15, steps: int = 20, home: int | None = None
) -> tuple[Floats, Floats]:
    """SALSA on the bipartite graph between a circle of trust and those it follows (Lempel & Moran 2000; Gupta et al. 2013).

    A walker goes from a member of the circle to somebody they follow, and back to a member who follows them. Who is met on the
    right is worth following; who is met on the left is like the person.

    Args:
        following: (n, n) CSR, 1 where the row follows the column.
        circle: the rows on the left.
        reset: the chance to start over before a step from the left.
        steps: how many times to go to and fro, at least once.
        home: where a walk starts over; evenly over the circle by default.

    Returns:
        authorities and hubs, (n,) each, each summing to 1 (to 0 where the circle follows nobody).

    Raises:
        InvalidRequest: no steps.

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 0, 1, 1], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]], float))
        >>> authorities, hubs = salsa(follows, [0, 1], reset=0.0)
        >>> authorities.round(2).tolist()
        [0.0, 0.0, 0.67, 0.33]
    """
    if steps < 1:
        raise InvalidRequest(f"steps must be at least 1, not {steps}")
    n = following.shape[0]
    left = np.unique(np.asarray(circle, dtype=np.int64))
    edges = following[left]
    out = np.asarray(edges.sum(axis=1)).ravel()
    left, edges, out = left[out > 0], edges[out > 0], out[out > 0]
    authorities, hubs = np.zeros(n), np.zeros(n)
    if not left.size:
        return authorities, hubs
    start = np.full(left.size, 1 / left.size)
    if home is not None and home in left:
        start = (left == home).astype(np.float64)
    # the right side: those whom the circle follows, few of all
    followed, place = np.unique(edges.indices, return_inverse=True)
    back = type(edges)((edges.data, place, edges.indptr), shape=(len(left), len(followed)))
    forth, into_share = back.T.tocsr(), 1 / np.bincount(place, edges.data)
    mass = start
    for _ in range(steps):
        mass = (1 - reset) * mass + reset * start
        right = forth @ (mass / out)
        mass = back @ (right * into_share)
    authorities[followed] = right
    hubs[left] = mass
    return authorities, hubs
