"""`Vocabulary`: terms that are read from the file when they are asked for, so that opening an index does not read them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import pyarrow as pa

__all__ = ["Vocabulary"]


class Vocabulary(Sequence[str]):
    """Terms in an Arrow array, as a sequence of texts.

    Args:
        terms: of strings, none of them null.

    Example:
        >>> terms = Vocabulary(pa.chunked_array([["grid", "heat"], ["pumps"]]))
        >>> len(terms), terms[1], terms == ("grid", "heat", "pumps")
        (3, 'heat', True)
    """

    def __init__(self, terms: pa.ChunkedArray) -> None:
        self._terms = terms

    def __len__(self) -> int:
        return len(self._terms)

    def __iter__(self) -> Iterator[str]:
        return iter(self._terms.to_pylist())

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        """One term, or the terms of a slice."""
        if isinstance(at, slice):
            return Vocabulary(self._terms.take(pa.array(range(len(self))[at], pa.int64())))
        return str(self._terms[int(at)].as_py())

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Sequence) and not isinstance(other, str) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Vocabulary({len(self):,} terms)"
