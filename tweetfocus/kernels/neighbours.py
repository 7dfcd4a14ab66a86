"""Neighbours in a bipartite view of the follow graph: items that share followers, people who share followings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tweetfocus.kernels.lines import Adjacency, spans

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["adamic_adar", "co_follow", "kindred", "reach", "shared_followings"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


_MUCH = 0.1  # of a matrix: reading so much of it in pieces costs as much as reading it all


def reach(lines: Adjacency, columns: Adjacency, rows: Rows, values: Floats) -> Floats:
    """`lines` times a vector with few entries, to the last bit, reading only where they are: cheap in any graph.

    Args:
        lines: (m, n) CSR of ones.
        columns: its transpose, in CSR.
        rows: (k,) where the vector has its entries, ascending.
        values: (k,) these entries.

    Returns:
        (m,).

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 1, 1], [0, 0, 1], [0, 0, 0]], float))
        >>> reach(follows, follows.T.tocsr(), np.array([2]), np.array([0.5])).tolist()
        [0.5, 0.5, 0.0]
    """
    start = columns.indptr[rows].astype(np.int64)
    count = columns.indptr[rows + 1] - start
    if count.sum() > _MUCH * len(columns.indices):
        vector = np.zeros(lines.shape[1])
        vector[rows] = values
        return np.asarray(lines @ vector, dtype=np.float64)
    # in the order of `rows`, as a product of the whole matrix would add them up
    totals = np.bincount(columns.indices[spans(start, count)], np.repeat(values, count), minlength=lines.shape[0])
    return totals.astype(np.float64, copy=False)  # without anything to add up they are whole numbers


def co_follow(following: Adjacency, followers: Adjacency, rows: npt.ArrayLike) -> Floats:
    """How much each row's followers overlap with those of `rows`: the sum of cosines between follower sets.

    Item-based collaborative filtering (Sarwar et al., WWW 2001): those whom the followers of my followings follow as well.

    Args:
        following: (n, n) CSR, 1 where the row follows the column.
        followers: its transpose, in CSR.
        rows: whom the person follows.

    Returns:
        (n,) sums over `rows` of |followers shared| / sqrt(|followers| |followers|).

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]], float))
        >>> co_follow(follows, follows.T.tocsr(), [2]).round(6).tolist()
        [0.0, 0.0, 1.0, 1.0]
    """
    seeds = np.unique(np.asarray(rows, dtype=np.int64))
    fans = reach(following, followers, seeds, _scale(followers, seeds))
    some = np.flatnonzero(fans)
    totals = reach(followers, following, some, fans[some])
    met = np.flatnonzero(totals)
    totals[met] *= _scale(followers, met)
    return totals


def _scale(lines: Adjacency, rows: Rows) -> Floats:
    """(len(rows),) what makes some lines of ones unit lines; any number for empty ones."""
    return np.asarray(1 / np.sqrt(np.maximum(lines.indptr[rows + 1] - lines.indptr[rows], 1)), dtype=np.float64)


def shared_followings(following: Adjacency, followers: Adjacency, rows: npt.ArrayLike) -> Floats:
    """(n,) the cosine between each row's followings and the set `rows`.

    Args:
        following: (n, n) CSR, 1 where the row follows the column.
        followers: its transpose, in CSR.
        rows: whom the person follows.

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 0, 1, 1], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]], float))
        >>> shared_followings(follows, follows.T.tocsr(), [2]).round(2).tolist()
        [0.71, 1.0, 0.0, 0.0]
    """
    mine = np.unique(np.asarray(rows, dtype=np.int64))
    totals = reach(following, followers, mine, np.ones(len(mine)))
    met = np.flatnonzero(totals)
    totals[met] *= _scale(following, met) / np.sqrt(max(len(mine), 1))
    return totals


def kindred(neighbourhoods: csr_array, mine: Floats, *, penalty: float = 3.0, tolerance: float = 1e-5) -> Floats:
    """How much each person's choices say about mine, once what everybody has in common is taken out.

    Kernel ridge regression over people (Saunders et al., ICML 1998): the weights w that solve (K + penalty I) w = k, where K holds
    the cosines between the neighbourhoods of people and k those with mine. Plain user-kNN is w = k, which counts a taste shared by
    ten people ten times. Solved by conjugate gradients, so that K is never formed.

    Args:
        neighbourhoods: (m, n) CSR, unit rows.
        mine: (n,) my own, of unit length.
        penalty: the larger, the nearer to plain cosines.
        tolerance: of the solution, relative to k.

    Returns:
        (m,) weights; negative for people whose choices speak against.

    Example:
        >>> from scipy.sparse import csr_array
        >>> two_alike_and_one = csr_array(np.array([[1, 0], [1, 0], [0, 1]], float))
        >>> kindred(two_alike_and_one, np.array([0.6, 0.8]), penalty=1.0).round(3).tolist()
        [0.2, 0.2, 0.4]
    """
    from scipy.sparse.linalg import LinearOperator, cg

    cosines = neighbourhoods @ mine
    if not cosines.any():
        return np.zeros(neighbourhoods.shape[0])
    back, m = neighbourhoods.T, neighbourhoods.shape[0]
    ridge = LinearOperator((m, m), matvec=lambda w: neighbourhoods @ (back @ w) + penalty * w, dtype=np.float64)
    weights, _ = cg(ridge, cosines, rtol=tolerance, maxiter=200)
    return np.asarray(weights, dtype=np.float64)


def adamic_adar(following: Adjacency, followers: Adjacency, degree: npt.NDArray[np.int64], rows: npt.ArrayLike) -> Floats:
    """Who is followed by those in `rows`, each counting less the more they follow (Adamic & Adar, 2003).

    Args:
        following: (n, n) CSR, 1 where the row follows the column.
        followers: its transpose, in CSR.
        degree: (n,) how many accounts each row follows.
        rows: the people whose followings count.

    Returns:
        (n,) sums of 1 / log(1 + degree) over the followers that are in `rows`.

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 0, 1], [0, 0, 1], [0, 0, 0]], float))
        >>> adamic_adar(follows, follows.T.tocsr(), np.array([1, 1, 0]), [0, 1]).round(2).tolist()
        [0.0, 0.0, 2.89]
    """
    seeds = np.unique(np.asarray(rows, dtype=np.int64))
    return reach(followers, following, seeds, 1 / np.log1p(np.maximum(degree[seeds], 1)))
