"""`Vocabulary`: terms that are read from the file when they are asked for, so that opening an index does not read them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, overload

import pyarrow as pa

__all__ = ["Vocabulary"]


class Vocabulary(Sequence[str]):
    """Terms in an Arrow array, as a sequence of texts.

    Args:
        terms: of strings in ascending order, none of them null.

    Example:
        >>> terms = Vocabulary(pa.chunked_array([["grid", "heat"], ["pumps"]]))
        >>> len(terms), terms[1], terms == ("grid", "heat", "pumps")
        (3, 'heat', True)
        >>> terms.place("pumps"), terms.place("wind")
        (2, None)
    """

    def __init__(self, terms: pa.ChunkedArray) -> None:
        self._terms = terms

    @cached_property
    def _bytes(self) -> tuple[memoryview, memoryview]:
        """Where each term begins and ends, and their UTF-8 bytes one after the other."""
        whole = pa.concat_arrays(self._terms.chunks or [pa.array([], self._terms.type)])
        _, ends, letters = whole.buffers()
        found = memoryview(ends or bytes(8))
        found = found.cast("q") if pa.types.is_large_string(whole.type) else found.cast("i")
        return found[whole.offset :], memoryview(letters or b"")

    def place(self, term: str) -> int | None:
        """Where a term stands; found by halving, since a dictionary of a million terms takes seconds and hundreds of megabytes."""
        ends, letters = self._bytes
        sought, low, high = term.encode("utf-8", "surrogatepass"), 0, len(self)
        while low < high:  # bytes of UTF-8 are in the order of the letters
            middle = (low + high) // 2
            if letters[ends[middle] : ends[middle + 1]].tobytes() < sought:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and letters[ends[low] : ends[low + 1]].tobytes() == sought else None

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
