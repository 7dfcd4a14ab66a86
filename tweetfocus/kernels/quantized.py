"""Unit vectors as int8: a quarter of the bytes, and a bound on what the rounding can have changed.

A row x is kept as integers c and a scale s with x = s c + r. Rounding to the nearest integer keeps the norm of r below s sqrt(d) / 2,
so one number, the largest ‖r‖ / s of all rows, bounds the error of every row well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import InvalidRequest

__all__ = ["LONGEST", "QuantizedRows", "quantize"]

Floats = npt.NDArray[np.float32]

LONGEST = 1.01  # what counts as a unit vector: half precision rounds lengths a little
_LARGEST = 127
_BLOCK = 1 << 14  # rows quantized at a time
_UP = 1 + 1e-6  # what is computed in float64 and kept in float32 has to stay a bound


@dataclass(frozen=True, eq=False, slots=True)
class QuantizedRows:
    """Rows as int8, each with a scale of its own.

    Attributes:
        codes: (n, d) int8.
        scales: (n,) float32, zero for a row of zeros; `codes * scales[:, None]` is close to the rows.
        residual: the largest distance of a row to that, in units of the row's scale.
    """

    codes: npt.NDArray[np.int8]
    scales: Floats
    residual: float

    def __len__(self) -> int:
        return len(self.codes)

    def part(self, start: int, stop: int) -> QuantizedRows:
        """The rows from `start` to before `stop`, as views."""
        return QuantizedRows(self.codes[start:stop], self.scales[start:stop], self.residual)


def quantize(vectors: npt.NDArray[np.floating], *, longest: float = LONGEST) -> QuantizedRows:
    """Unit rows as int8.

    Args:
        vectors: (n, d); rows of zeros stay zero. float16 or float32, may be memory-mapped.
        longest: what a row may measure; rows that `search` is to find must be unit rows.

    Raises:
        InvalidRequest: not a matrix, a number that is not finite, or a row that is too long; names the row.

    Example:
        >>> rows = quantize(np.array([[0.6, 0.8], [0.0, 1.0]], np.float32))
        >>> rows.codes.tolist()
        [[95, 127], [0, 127]]
        >>> bool(np.allclose(rows.codes * rows.scales[:, None], [[0.6, 0.8], [0, 1]], atol=0.8 / 127))
        True
    """
    if vectors.ndim != 2:
        raise InvalidRequest(f"vectors must be a matrix, not of shape {vectors.shape}")
    n = len(vectors)
    codes, scales, residual = np.empty(vectors.shape, np.int8), np.empty(n, np.float32), 0.0
    for start in range(0, n, _BLOCK):
        own = slice(start, start + _BLOCK)
        block = np.asarray(vectors[own], dtype=np.float32)
        _refuse_others(block, start, longest)
        largest = np.abs(block).max(axis=1, initial=0)
        scales[own] = np.where(largest > 0, np.maximum(largest / np.float32(_LARGEST), np.finfo(np.float32).tiny), 0)
        unit = np.where(largest > 0, scales[own], 1)[:, None]
        codes[own] = np.clip(np.rint(block / unit), -_LARGEST, _LARGEST)
        left = block / unit.astype(np.float64) - codes[own]
        residual = max(residual, float(np.sqrt(np.einsum("ij,ij->i", left, left).max(initial=0))))
    return QuantizedRows(codes, scales, residual * _UP)


def _refuse_others(block: Floats, start: int, longest: float) -> None:
    lengths = np.sqrt(np.einsum("ij,ij->i", block, block, dtype=np.float64))
    wrong = ~(lengths <= longest)  # also where a length is NaN
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidRequest(f"row {start + row} has length {lengths[row]:.3g}; vectors to search must be unit vectors or zero")
