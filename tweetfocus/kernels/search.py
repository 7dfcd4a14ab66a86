"""Certified top-k: sweep int8 rows, keep what could still be among the k best, and score those in float32.

For a row x = s c + r and a query q = t e + u (int8 codes c and e, scales s and t, what rounding left r and u), Cauchy and Schwarz say::

    |x·q - s t c·e|  =  |r·(t e) + x·u|  ≤  ‖r‖ ‖t e‖ + ‖x‖ ‖u‖

so a row whose product c·e falls short by more than that, and by what float32 can round, cannot be among the best. The others are
scored by `row_products`, one row at a time: scores and order are those of `top_k`, bit for bit, however the work was divided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest
from tweetfocus.kernels.int8_products import Maker, fastest
from tweetfocus.kernels.quantized import LONGEST, QuantizedRows
from tweetfocus.kernels.similarity import row_products
from tweetfocus.kernels.survivors import Found, Survivors, best_of_each, joined
from tweetfocus.kernels.threads import at_once, processors

__all__ = ["search"]

Doubles = npt.NDArray[np.float64]
Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

_TOGETHER = 1024  # queries swept at a time
_CELLS = 1 << 18  # products held at a time: a megabyte, which the caches near a core can hold
_MOST_ROWS, _FEWEST_ROWS = 1 << 15, 256
_OPENING = 32  # times k: rows of the first block
_GATHERED = 1 << 14  # rows scored at a time
_UNIT = 2.0**-24  # a float32 operation is right to within so much


def search(
    queries: npt.ArrayLike,
    quantized: QuantizedRows,
    vectors: Floats | Halves,
    k: int,
    *,
    offsets: Rows | None = None,
    allowed: Mask | None = None,
    threads: int | None = None,
) -> tuple[Floats, Rows]:
    """The `k` unit vectors with the highest inner product for each query, certified: what `top_k` gives, in a fraction of the time.

    Args:
        queries: (m, d) or (d,); of any length.
        quantized: `quantize(vectors)`.
        vectors: (n, d) float32 or float16, of which only the few rows that need scoring are read.
        k: how many rows; all that are allowed, if there are fewer.
        offsets: (a + 1,) asker `i` has the queries `offsets[i]:offsets[i + 1]`, at least one, and a row's score is its best among
            them; each query asks for itself by default.
        allowed: (n,) which rows may be returned; all by default.
        threads: at most so many; by default as many as there are processors for this process.

    Returns:
        scores (a, k') float32 and rows (a, k') int64, best first, equal scores by row; without the first axis for a (d,) query.

    Raises:
        InvalidRequest: k < 1, shapes that do not fit, or a query that is not finite.

    Example:
        >>> from tweetfocus.kernels.quantized import quantize
        >>> vectors = np.array([[0, 1], [1, 0], [0.6, 0.8]], np.float32)
        >>> scores, rows = search([1, 0], quantize(vectors), vectors, 2)
        >>> rows.tolist(), scores.tolist()
        ([1, 2], [1.0, 0.6000000238418579])
    """
    asked = np.asarray(queries, dtype=np.float32)
    single, asked = asked.ndim == 1, np.ascontiguousarray(np.atleast_2d(asked))
    offsets = np.arange(len(asked) + 1) if offsets is None else np.asarray(offsets, dtype=np.int64)
    _check(asked, quantized, vectors, k, offsets, allowed, threads)
    k = min(k, len(quantized) if allowed is None else int(allowed.sum()))
    scores, rows = np.empty((len(offsets) - 1, k), np.float32), np.empty((len(offsets) - 1, k), np.int64)
    if k:
        for first, last in _portions(offsets):
            job = _Job(
                asked[offsets[first] : offsets[last]],
                offsets[first : last + 1] - offsets[first],
                quantized,
                vectors,
                k,
                allowed,
            )
            scores[first:last], rows[first:last] = job.run(threads or processors())
    return (scores[0], rows[0]) if single else (scores, rows)


def _check(
    asked: Floats,
    quantized: QuantizedRows,
    vectors: npt.NDArray[np.generic],
    k: int,
    offsets: Rows,
    allowed: Mask | None,
    threads: int | None,
) -> None:
    n, d = quantized.codes.shape
    if k < 1:
        raise InvalidRequest(f"k must be at least 1, not {k}")
    if threads is not None and threads < 1:
        raise InvalidRequest(f"threads must be at least 1, not {threads}")
    if vectors.shape != (n, d):
        raise InvalidRequest(f"int8 rows of shape {(n, d)} are not those of vectors of shape {vectors.shape}")
    if asked.ndim != 2 or asked.shape[1] != d:
        raise InvalidRequest(f"queries of shape {asked.shape} against vectors of {d} dimensions")
    if not (np.abs(asked) < 1e15).all():
        raise InvalidRequest("a query holds a number that is not finite, or beyond 1e15")
    if offsets.ndim != 1 or not len(offsets) or offsets[0] != 0 or offsets[-1] != len(asked) or (np.diff(offsets) < 1).any():
        raise InvalidRequest(f"offsets must ascend from 0 to {len(asked)}, the number of queries")
    if allowed is not None and (allowed.shape != (n,) or allowed.dtype != np.bool_):
        raise InvalidRequest(f"allowed has shape {allowed.shape} of {allowed.dtype}; it must be ({n},) of bool")


def _portions(offsets: Rows) -> Iterator[tuple[int, int]]:
    """Askers whose queries are swept together."""
    first = 0
    while first < len(offsets) - 1:
        last = int(np.searchsorted(offsets, offsets[first] + _TOGETHER, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last


@dataclass(frozen=True, slots=True)
class _Queries:
    """Queries as int8, and the bound of the module's head: |score - scale s product| ≤ scale s shift + slack."""

    codes: npt.NDArray[np.int8]
    scales: Doubles
    shift: Doubles  # (m,) the largest ‖r‖ / s, times ‖e‖
    slack: Doubles  # (m,) ‖x‖ ‖u‖, and what float32 rounds

    @classmethod
    def of(cls, asked: Floats, quantized: QuantizedRows) -> _Queries:
        exact = asked.astype(np.float64)
        largest = np.abs(exact).max(axis=1, initial=0)
        scales = np.where(largest > 0, np.maximum(largest / 127, 1e-30), 1)
        codes = np.clip(np.rint(exact / scales[:, None]), -127, 127).astype(np.int8)
        kept = codes.astype(np.float64)
        length, left = np.linalg.norm(kept, axis=1), np.linalg.norm(exact - kept * scales[:, None], axis=1)
        # a sum of d products is right to within gamma times the lengths, in whatever order (Higham 2002, 3.1): once for the score,
        # once for the product of codes, and a few operations on that
        terms = (asked.shape[1] + 16) * _UNIT
        gamma, reach = terms / (1 - terms), LONGEST * (1 + quantized.residual / 127)
        slack = LONGEST * left + 2 * gamma * reach * (length * scales + left) + 1e-30
        return cls(codes, scales, quantized.residual * length, slack)


@dataclass(frozen=True)
class _Job:
    """One sweep: some askers, all rows."""

    asked: Floats
    offsets: Rows
    quantized: QuantizedRows
    vectors: Floats | Halves
    k: int
    allowed: Mask | None
    queries: _Queries = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "queries", _Queries.of(self.asked, self.quantized))

    def run(self, threads: int) -> tuple[Floats, Rows]:
        """(a, k) scores and rows."""
        make, together = fastest()
        n, askers = len(self.quantized), len(self.offsets) - 1
        step = int(np.clip(_CELLS // len(self.asked), _FEWEST_ROWS, _MOST_ROWS))
        parts = min(threads if together else 1, max(n // step, 1))
        bounds = np.linspace(0, n, parts + 1).astype(int).tolist()
        swept = at_once(lambda part: self._sweep(bounds[part], bounds[part + 1], step, make), parts)
        left = joined(swept).prune()
        # askers are ascending, so a part of them is a part of the survivors
        cuts = np.searchsorted(left.askers, np.linspace(0, askers, min(threads, askers) + 1).astype(int)).tolist()
        exact = at_once(
            lambda part: self._scores(left.askers[cuts[part] : cuts[part + 1]], left.rows[cuts[part] : cuts[part + 1]]),
            len(cuts) - 1,
        )
        known = np.concatenate(exact)
        best = best_of_each(Found(left.askers, left.rows, known, known), self.k)
        return best.low.astype(np.float32).reshape(askers, self.k), best.rows.reshape(askers, self.k)

    def _sweep(self, start: int, stop: int, step: int, make: Maker) -> Survivors:
        """What of the rows from `start` to before `stop` could be among the best."""
        owner = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        several = len(owner) > len(self.offsets) - 1
        survivors = Survivors(self.k, np.full(len(self.offsets) - 1, -np.inf), self._scores, several)
        shift, scales, slack = self.queries.shift, self.queries.scales, self.queries.slack
        # a longer first block, so that what its k-th best reaches leaves little of it and of the next ones
        opening = min(max(step, _OPENING * self.k), _MOST_ROWS)
        products, first = make(self.queries.codes, opening), True
        at = start
        while at < stop:
            own = slice(at, min(at + (opening if first else step), stop))
            at = own.stop
            allowed = None if self.allowed is None else self.allowed[own]
            if allowed is not None and not allowed.any():
                continue
            scale = self.quantized.scales[own]
            near, widest = products(self.quantized.codes[own]), scale.max()
            near *= scale
            if first:
                self._start(survivors, near, widest, allowed)
                first = False
            needed = (survivors.least[owner] - slack) / scales - shift * widest
            hits = near >= np.nextafter(needed.astype(np.float32), -np.inf)[:, None]
            if allowed is not None:
                hits &= allowed
            query, row = _places(hits)
            if len(row):
                value = near[query, row].astype(np.float64)
                error = shift[query] * scale[row]
                low, high = (value - error) * scales[query] - slack[query], (value + error) * scales[query] + slack[query]
                survivors.add(Found(owner[query], row + own.start, low, high))
        return survivors

    def _start(self, survivors: Survivors, near: Floats, widest: float, allowed: Mask | None) -> None:
        """What the k-th best of the first block reaches at least, so that not all of it survives."""
        some = near if allowed is None else near[:, allowed]
        rows = some.shape[1]
        if rows >= self.k:
            kth = np.partition(some, rows - self.k, axis=1)[:, rows - self.k]
            least = (kth - self.queries.shift * widest) * self.queries.scales - self.queries.slack
            survivors.least[:] = np.maximum.reduceat(least, self.offsets[:-1])

    def _scores(self, askers: Rows, rows: Rows) -> Doubles:
        """The exact score of each of (askers, rows), askers ascending."""
        scores = np.empty(len(rows), np.float32)
        for asker in np.unique(askers).tolist():
            begin, end = np.searchsorted(askers, [asker, asker + 1]).tolist()
            for at in range(begin, end, _GATHERED):
                own = slice(at, min(at + _GATHERED, end))
                block = np.asarray(self.vectors[rows[own]], dtype=np.float32)
                asked = self.asked[self.offsets[asker] : self.offsets[asker + 1]]
                scores[own] = np.max([row_products(block, query) for query in asked], axis=0)
        return scores.astype(np.float64)


def _places(hits: Mask) -> tuple[Rows, Rows]:
    """Query and row of every hit, whichever of the two lies together in memory."""
    if hits.flags.c_contiguous:
        query, row = np.divmod(_true(hits.reshape(-1)), hits.shape[1])
    else:
        row, query = np.divmod(_true(hits.T.reshape(-1)), hits.shape[0])
    return query, row


def _true(mask: Mask) -> Rows:
    """Where a mask that is nearly nowhere true is true: looked for in eight at a time."""
    whole = len(mask) // 8 * 8
    words = np.flatnonzero(mask[:whole].view(np.uint64) != 0)  # in truth values NumPy skips what is false
    word, byte = np.nonzero(mask[:whole].reshape(-1, 8)[words])
    return np.concatenate([words[word] * 8 + byte, whole + np.flatnonzero(mask[whole:])])
