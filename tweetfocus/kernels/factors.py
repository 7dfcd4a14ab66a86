"""Latent follow factors, and maps from text to them: where the graph teaches the text.

People and the accounts they follow get places in one low-dimensional space (truncated SVD). Ridge regression then learns where
somebody with a given text would stand, so that newcomers on both sides have a place too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["Ridge", "follow_factors", "follower_places", "ridge", "ridge_solver", "term_factors"]

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_BLOCK = 1 << 16  # rows
_NOTHING = 1e-4  # of the largest singular value: what float32 makes of zero


def follow_factors(following: csr_array, *, size: int = 48, seed: int = 0) -> Floats:
    """(n, size) right singular vectors of the scaled follow matrix: the place of each account as somebody to follow.

    A follow counts less from those who follow many and towards those whom many follow (Cremonesi et al., RecSys 2010, with the
    scaling of both sides). Fewer columns when the graph has fewer. Accounts with the same followers have exactly the same place, and
    those without any have none: zeros.

    Example:
        >>> from scipy.sparse import csr_array
        >>> follows = csr_array(np.array([[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]], float))
        >>> factors = follow_factors(follows, size=2)
        >>> np.allclose(factors[0], factors[1]), np.allclose(factors[0] @ factors[2], 0, atol=1e-6)
        (True, True)
    """
    n = following.shape[0]
    giving, getting = int((np.diff(following.indptr) > 0).sum()), len(np.unique(following.indices))
    width = min(size, giving - 1, getting - 1)
    if width < 1:
        return np.zeros((n, 0), dtype=np.float32)
    from sklearn.utils.extmath import randomized_svd

    scaled = _scaled(following)
    left, strength, _ = randomized_svd(scaled, n_components=width, n_iter=5, random_state=seed)
    kept = strength > _NOTHING * strength[0]  # beyond the rank of the graph, directions are arbitrary
    # the right vectors by a sparse product, which adds up each account by itself: LAPACK would round twins differently
    return np.ascontiguousarray(scaled.T.tocsr() @ (left[:, kept] / strength[kept]), dtype=np.float32)


def term_factors(weights: csr_array, *, size: int = 64, seed: int = 0) -> Floats:
    """(v, size) leading right singular vectors of an (n, v) term matrix: latent semantic analysis (Deerwester et al., 1990).

    Example:
        >>> from scipy.sparse import csr_array
        >>> weights = csr_array(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], float))
        >>> np.abs(term_factors(weights, size=1)).astype(float).round(3).tolist()
        [[0.707], [0.707], [0.0]]
    """
    width = min(size, weights.shape[0], weights.shape[1])
    if width < 1 or not weights.nnz:
        return np.zeros((weights.shape[1], 0), dtype=np.float32)
    from sklearn.utils.extmath import randomized_svd

    _, _, right = randomized_svd(weights, n_components=width, n_iter=5, random_state=seed)
    return np.ascontiguousarray(right.T, dtype=np.float32)


def follower_places(following: csr_array, factors: Floats) -> Floats:
    """(n, size) unit rows: the place of each account as somebody who follows; zeros for those who follow nobody."""
    from tweetfocus.kernels.similarity import unit_rows

    return unit_rows(_scaled(following) @ factors)


def _scaled(following: csr_array) -> csr_array:
    from scipy.sparse import csr_array as csr

    out = np.maximum(np.diff(following.indptr), 1)
    into = np.maximum(np.bincount(following.indices, minlength=following.shape[1]), 1)
    owner = np.repeat(np.arange(following.shape[0]), np.diff(following.indptr))
    values = (out[owner] ** -0.5 * into[following.indices] ** -0.25).astype(np.float32)
    return csr((values, following.indices, following.indptr), shape=following.shape)


@dataclass(frozen=True, slots=True)
class Ridge:
    """A linear map with an offset.

    Attributes:
        mean: (d,) of the inputs, taken away first.
        slope: (d, t).
        offset: (t,).
    """

    mean: Floats
    slope: Floats
    offset: Floats

    def __call__(self, inputs: Floats) -> Floats:
        """(n, t) predictions for (n, d) inputs; equal rows get equal ones, which a BLAS product does not promise."""
        found = np.empty((len(inputs), len(self.offset)), dtype=np.float32)
        for part in _blocks(len(inputs)):
            found[part] = np.einsum("ij,jk->ik", np.asarray(inputs[part]) - self.mean, self.slope) + self.offset
        return found


def ridge(inputs: Floats, targets: Floats, *, penalty: float = 3.0, rows: Rows | None = None) -> Ridge:
    """Least squares with a penalty on the slope (Hoerl & Kennard, 1970), in closed form.

    Args:
        inputs: (n, d); without rows, everything maps to zero.
        targets: (n, t).
        penalty: on the squared slope; in units of summed squared inputs.
        rows: learn from these only; from all by default.

    Example:
        >>> line = ridge(np.float32([[0], [1], [2]]), np.float32([[1], [3], [5]]), penalty=1e-6)
        >>> line(np.float32([[10]])).round(3).tolist()
        [[21.0]]
    """
    d, t = inputs.shape[1], targets.shape[1]
    used = np.arange(len(inputs)) if rows is None else rows
    if not len(used):
        return Ridge(np.zeros(d, np.float32), np.zeros((d, t), np.float32), np.zeros(t, np.float32))
    mean, offset = _mean(inputs, used), _mean(targets, used)
    scatter, shared = np.zeros((d, d)), np.zeros((d, t))
    for part in (used[some] for some in _blocks(len(used))):
        centred = inputs[part] - mean
        scatter += centred.T @ centred
        shared += centred.T @ (targets[part] - offset)
    slope = np.linalg.solve(scatter + penalty * np.eye(d), shared)
    return Ridge(mean.astype(np.float32), slope.astype(np.float32), offset.astype(np.float32))


def ridge_solver(
    inputs: Floats, *, penalty: float = 3.0, rows: Rows | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What all ridge regressions on the same inputs share: their mean, and the inverse of their penalised scatter.

    Args:
        inputs: (n, d).
        penalty: on the squared slope; in units of summed squared inputs.
        rows: learn from these only; from all by default.

    Returns:
        mean (d,) and inverse (d, d): the slope for targets y is `inverse @ (inputs - mean).T @ y`.

    Example:
        >>> inputs, targets = np.float32([[0], [1], [2]]), np.array([1.0, 3.0, 5.0])
        >>> mean, inverse = ridge_solver(inputs, penalty=1e-6)
        >>> (inverse @ (inputs - mean).T @ targets).round(3).tolist()
        [2.0]
    """
    d = inputs.shape[1]
    used = np.arange(len(inputs)) if rows is None else rows
    mean = _mean(inputs, used) if len(used) else np.zeros(d)
    scatter = np.zeros((d, d))
    for part in (used[some] for some in _blocks(len(used))):
        centred = inputs[part] - mean
        scatter += centred.T @ centred
    return mean, np.asarray(np.linalg.inv(scatter + penalty * np.eye(d)), dtype=np.float64)


def _mean(values: Floats, rows: Rows) -> npt.NDArray[np.float64]:
    total = np.zeros(values.shape[1])
    for part in _blocks(len(rows)):
        total += values[rows[part]].sum(axis=0, dtype=np.float64)
    return total / len(rows)


def _blocks(n: int) -> Iterator[slice]:
    """Rows some at a time: sums over a million of them need no second copy in double precision."""
    return (slice(start, start + _BLOCK) for start in range(0, n, _BLOCK))
