"""Which rows can still be among the k best: bounds on their scores, and the score that each must reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Found", "Survivors", "best_of_each", "joined"]

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_ROOM = 1 << 12  # survivors that are few enough not to be looked at again


class Found(NamedTuple):
    """Rows found for askers, and between which two numbers the score lies; equal once it is known.

    All are (p,) arrays. A row may be there several times for an asker: its score is at least each `low`, at most the largest `high`.
    """

    askers: Rows
    rows: Rows
    low: Doubles
    high: Doubles

    def take(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Found:
        """Some of them."""
        return Found(self.askers[chosen], self.rows[chosen], self.low[chosen], self.high[chosen])

    @classmethod
    def join(cls, parts: list[Found]) -> Found:
        """All of them."""
        if not parts:
            none = np.zeros(0, np.int64)
            return cls(none, none, np.zeros(0), np.zeros(0))
        if len(parts) == 1:
            return parts[0]
        askers, rows, low, high = zip(*parts, strict=True)
        return cls(*map(np.concatenate, (askers, rows)), *map(np.concatenate, (low, high)))


Settle = Callable[[Rows, Rows], Doubles]


@dataclass
class Survivors:
    """What a sweep has found so far, for each of several askers.

    A row survives while its `high` reaches `least`, the k-th best `low` of the asker; the k best of all rows swept are always
    among the survivors. Rows have to come in ascending order for `settle` to decide ties by row early.

    Attributes:
        k: how many are wanted.
        least: (a,) what a score must reach, minus infinity until k rows are known.
        settle: the exact scores of (askers, rows), asked for where bounds leave too many.
        several: whether a row may be found several times for an asker.
    """

    k: int
    least: Doubles
    settle: Settle
    several: bool

    def __post_init__(self) -> None:
        self._parts: list[Found] = []
        self._held = 0
        self._limit = 2 * self.k * len(self.least) + _ROOM

    def add(self, found: Found) -> None:
        """Take further rows in, and look again at all of them when they have become twice as many."""
        self._parts.append(found)
        self._held += len(found.rows)
        if self._held > self._limit:
            held = self.prune()
            if len(held.rows) > 4 * self.k * len(self.least) + 16 * _ROOM:  # bounds cannot tell them apart
                held = self.settled()
            self._limit = 2 * len(held.rows) + _ROOM

    def prune(self) -> Found:
        """Raise `least` and drop what does not reach it; the survivors by asker."""
        held = self._by_asker()
        starts = np.searchsorted(held.askers, np.arange(len(self.least) + 1)).tolist()
        for asker in np.flatnonzero(np.diff(starts) >= self.k).tolist():
            own = held.low[starts[asker] : starts[asker + 1]]
            self.least[asker] = max(self.least[asker], np.partition(own, len(own) - self.k)[len(own) - self.k])
        return self._keep(held.take(held.high >= self.least[held.askers]))

    def settled(self) -> Found:
        """The k best of each asker by their exact scores, best first, ties by row."""
        held = self._by_asker()
        exact = self.settle(held.askers, held.rows)
        self._keep(best_of_each(Found(held.askers, held.rows, exact, exact), self.k))
        return self.prune()

    def _by_asker(self) -> Found:
        held = Found.join(self._parts)
        if self.several:
            return _each_once(held)
        # few askers fit 16 bits, which NumPy sorts in linear time
        askers = held.askers.astype(np.uint16) if len(self.least) < 1 << 16 else held.askers
        return held if len(self.least) == 1 else held.take(np.argsort(askers, kind="stable"))

    def _keep(self, held: Found) -> Found:
        self._parts, self._held = [held], len(held.rows)
        return held


def joined(parts: list[Survivors]) -> Survivors:
    """The survivors of sweeps over different rows together; parts in the order of their rows."""
    one = parts[0]
    whole = Survivors(one.k, np.max([part.least for part in parts], axis=0), one.settle, one.several)
    for part in parts:
        whole.add(part.prune())
    return whole


def best_of_each(found: Found, k: int) -> Found:
    """The k best of each asker whose scores are known, by asker, then best first, ties by row."""
    ranked = found.take(np.lexsort((found.rows, -found.low, found.askers)))
    place = np.arange(len(ranked.rows)) - np.searchsorted(ranked.askers, ranked.askers)
    return ranked.take(place < k)


def _each_once(found: Found) -> Found:
    """Each row once for each asker, with the best of its bounds, by asker and row."""
    ordered = found.take(np.lexsort((found.rows, found.askers)))
    if not len(ordered.rows):
        return ordered
    new = np.append(True, (ordered.rows[1:] != ordered.rows[:-1]) | (ordered.askers[1:] != ordered.askers[:-1]))
    if new.all():
        return ordered
    first = np.flatnonzero(new)
    low, high = (np.maximum.reduceat(column, first) for column in (ordered.low, ordered.high))
    return Found(ordered.askers[first], ordered.rows[first], low, high)
