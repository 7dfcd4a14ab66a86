"""Exact top-k search by inner product: the performance-critical core.

`top_k` is the reference: float32 products in blocks, ties broken by the lower row. `merge_top_k` joins the answers of shards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest

__all__ = ["best_per_group", "merge_top_k", "nonzero_rows", "row_products", "top_k", "unit_rows"]

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_BLOCK = 1 << 16  # rows scored at a time


def unit_rows(vectors: npt.ArrayLike) -> Floats:
    """(n, d) float32 with every row scaled to length 1; rows of zeros stay zero (no evidence has no direction).

    Example:
        >>> unit_rows([[3, 4], [0, 0]]).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    array = np.asarray(vectors, dtype=np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", array, array, dtype=np.float64))
    return (array / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32)


def row_products(vectors: Floats, query: Floats) -> Floats:
    """(n,) the inner product of every row with `query`, each one independent of which other rows are asked for.

    A matrix product may round a row differently when its neighbours change; a score must not.

    Example:
        >>> row_products(np.eye(2, dtype=np.float32), np.array([0.5, 0.25], np.float32)).tolist()
        [0.5, 0.25]
    """
    return np.einsum("ij,j->i", np.ascontiguousarray(vectors), query)


def nonzero_rows(vectors: Floats) -> npt.NDArray[np.bool_]:
    """(n,) which rows say anything; most of them do so with one of their first numbers, and no more is read of these.

    Example:
        >>> nonzero_rows(np.float32([[0, 1], [0, 0]])).tolist()
        [True, False]
    """
    found = np.asarray(vectors[:, :16].any(axis=1))
    rest = np.flatnonzero(~found)
    found[rest] = vectors[rest].any(axis=1)
    return found


def top_k(
    queries: npt.ArrayLike, vectors: Floats, k: int, *, allowed: npt.NDArray[np.bool_] | None = None
) -> tuple[Floats, Rows]:
    """The `k` rows of `vectors` with the highest inner product, exactly, for each query.

    Args:
        queries: (m, d) or (d,).
        vectors: (n, d) float32.
        k: how many rows; all that are allowed, if there are fewer.
        allowed: (n,) which rows may be returned; all by default.

    Returns:
        scores (m, k') float32 and rows (m, k') int64, best first, equal scores by row; without the first axis for a (d,) query.

    Raises:
        InvalidRequest: k < 1, or shapes that do not fit.

    Example:
        >>> scores, rows = top_k([1, 0], np.array([[0, 1], [1, 0], [1, 0]], np.float32), 2)
        >>> rows.tolist(), scores.tolist()
        ([1, 2], [1.0, 1.0])
    """
    asked = np.asarray(queries, dtype=np.float32)
    single, asked = asked.ndim == 1, np.atleast_2d(asked)
    if k < 1:
        raise InvalidRequest(f"k must be at least 1, not {k}")
    if vectors.ndim != 2 or asked.shape[1] != vectors.shape[1]:
        raise InvalidRequest(f"queries of {asked.shape[1]} dimensions against vectors of shape {vectors.shape}")
    n = len(vectors)
    if allowed is not None and allowed.shape != (n,):
        raise InvalidRequest(f"allowed has shape {allowed.shape}; it must be ({n},)")
    parts = []
    for start in range(0, max(n, 1), _BLOCK):
        block = vectors[start : start + _BLOCK]
        rows = np.arange(start, start + len(block))
        if allowed is not None:
            rows = rows[allowed[start : start + _BLOCK]]
            block = block[rows - start]
        scores = np.array([row_products(block, query) for query in asked], np.float32).reshape(len(asked), len(rows))
        parts.append(_best(scores, np.broadcast_to(rows, scores.shape), k))
    scores, rows = merge_top_k(parts, k)
    return (scores[0], rows[0]) if single else (scores, rows)


def merge_top_k(parts: Sequence[tuple[Floats, Rows]], k: int) -> tuple[Floats, Rows]:
    """Join top-k answers over disjoint sets of rows into the answer over all of them.

    Example:
        >>> merge_top_k([(np.float32([[3, 1]]), np.int64([[0, 1]])), (np.float32([[2]]), np.int64([[7]]))], 2)[1].tolist()
        [[0, 7]]
    """
    scores = np.concatenate([part[0] for part in parts], axis=1)
    rows = np.concatenate([part[1] for part in parts], axis=1)
    return _best(scores, rows, k)


def _best(scores: Floats, rows: Rows, k: int) -> tuple[Floats, Rows]:
    """The k best of each line, by score downwards, then row upwards."""
    k = min(k, scores.shape[1])
    out_scores, out_rows = np.empty((len(scores), k), np.float32), np.empty((len(scores), k), np.int64)
    for line in range(len(scores)):
        values, numbers = scores[line], rows[line]
        if 0 < k < len(values):
            # all that reach the k-th value, so that ties at the border are settled by row and not by the partition
            kept = np.flatnonzero(values >= np.partition(values, len(values) - k)[len(values) - k])
            values, numbers = values[kept], numbers[kept]
        order = np.lexsort((numbers, -values))[:k]
        out_scores[line], out_rows[line] = values[order], numbers[order]
    return out_scores, out_rows


def best_per_group(values: Floats, offsets: Rows, empty: float = np.nan) -> Floats:
    """(n,) the largest of `values[offsets[i]:offsets[i + 1]]`; `empty` for an empty group.

    Example:
        >>> best_per_group(np.float32([1, 5, 2]), np.int64([0, 2, 2, 3])).tolist()
        [5.0, nan, 2.0]
    """
    best = np.full(len(offsets) - 1, empty, dtype=np.float32)
    filled = offsets[1:] > offsets[:-1]
    if filled.any():
        best[filled] = np.maximum.reduceat(values[: offsets[-1]], offsets[:-1][filled])
    return best
