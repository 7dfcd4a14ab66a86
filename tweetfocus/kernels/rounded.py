"""Products with every row, read from int8: a quarter of the bytes of float32, and off by no more than the rows were rounded.

Where a whole column of products is wanted, as for a rank among all, there is nothing to certify away as in `search`. A query is read as
two int8 vectors, one for what the other leaves, so that of all rounding only that of the rows remains.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tweetfocus.kernels.int8_products import fastest
from tweetfocus.kernels.quantized import QuantizedRows
from tweetfocus.kernels.selection import largest
from tweetfocus.kernels.threads import at_once, processors

__all__ = ["rounded_products", "sharpen"]

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_LARGEST = 127
_CELLS = 1 << 17  # products at a time: half a megabyte, so that they are still near when they are scaled
_TIES = 4  # times as many as asked for; more rows that tie with the last of the best stay as they are


def rounded_products(queries: npt.NDArray[np.floating], rows: QuantizedRows, *, threads: int | None = None) -> Floats:
    """(k, n) inner products of every row with (k, d) queries; equal rows have equal ones.

    None is further from the exact one than `rows.residual` times the scale of the row times the length of the query (Cauchy and
    Schwarz), and what float32 rounds; for vectors of 384 numbers the typical error is a thirtieth of that.

    Args:
        queries: of any length, finite.
        rows: see `quantize`.
        threads: at most so many; by default as many as there are processors for this process.

    Example:
        >>> from tweetfocus.kernels.quantized import quantize
        >>> vectors = np.float32([[0.6, 0.8], [0.0, 1.0]])
        >>> rounded_products(np.float32([[0.8, 0.6]]), quantize(vectors)).round(2).tolist()
        [[0.9599999785423279, 0.6000000238418579]]
    """
    k, n = len(queries), len(rows)
    found = np.zeros((k, n), np.float32)
    if not (k and n and rows.codes.shape[1]):
        return found
    coarse, fine, scale = _in_two(np.asarray(queries, dtype=np.float64))
    codes, step = np.concatenate([coarse, fine]), int(np.clip(_CELLS // k, 1 << 8, 1 << 14))
    make, together = fastest()
    parts = min(threads or processors(), max(n // step, 1)) if together else 1
    bounds = np.linspace(0, n, parts + 1).astype(int).tolist()
    large, small = scale[:, None].astype(np.float32), (scale / (2 * _LARGEST))[:, None].astype(np.float32)

    def sweep(part: int) -> None:
        products = make(codes, step)
        for start in range(bounds[part], bounds[part + 1], step):
            own = slice(start, min(start + step, bounds[part + 1]))
            near = products(rows.codes[own])
            found[:, own] = (near[:k] * large + near[k:] * small) * rows.scales[own]

    at_once(sweep, parts)
    return found


def _in_two(queries: Doubles) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], Doubles]:
    """Codes c and e, and scales s, with queries = s (c + e / 254) but for a rest of s / 508."""
    largest = np.abs(queries).max(axis=1, initial=0)
    scale = np.where(largest > 0, np.maximum(largest / _LARGEST, 1e-30), 1)
    exact = queries / scale[:, None]
    coarse = np.rint(exact)
    return coarse.astype(np.int8), np.rint((exact - coarse) * (2 * _LARGEST)).astype(np.int8), scale


def sharpen(products: Floats, best: int, exact: Callable[[Rows], npt.NDArray[np.floating]]) -> None:
    """Put exact products in the place of the `best` largest ones, where it matters most who comes before whom.

    Equal rows stay equal: whatever ties with the last of them is made exact as well or, if very many do, is left out with it.

    Args:
        products: (n,) from `rounded_products`; changed.
        best: how many, of those above zero.
        exact: the exact products of some rows.

    Example:
        >>> products = np.float32([0.1, 0.9, 0.8])
        >>> sharpen(products, 2, lambda rows: np.float32([0.11, 0.84, 0.86])[rows])
        >>> products.round(2).tolist()
        [0.10000000149011612, 0.8399999737739563, 0.8600000143051147]
    """
    chosen = largest(products, best)
    if len(chosen) == best:
        least = products[chosen[-1]]
        chosen = np.flatnonzero(products >= least)
        if len(chosen) > _TIES * best:
            chosen = np.flatnonzero(products > least)
    products[chosen] = exact(chosen)
