"""`Stages`: how long each stage of a verb took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from types import MappingProxyType

__all__ = ["Stages"]


class Stages:
    """A clock that is told when a stage is done.

    Args:
        now: seconds from any beginning.

    Example:
        >>> times = iter([0.0, 0.5, 2.0])
        >>> stages = Stages(now=lambda: next(times))
        >>> stages.done("question")
        >>> stages.done("scores")
        >>> dict(stages.seconds)
        {'question': 0.5, 'scores': 1.5}
    """

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._last = now()
        self._seconds: dict[str, float] = {}

    def done(self, stage: str) -> None:
        """What went by since the last stage, or since the beginning, belongs to `stage`."""
        now = self._now()
        self._seconds[stage] = self._seconds.get(stage, 0.0) + now - self._last
        self._last = now

    @property
    def seconds(self) -> Mapping[str, float]:
        """Of each stage, in the order in which they were first done."""
        return MappingProxyType(dict(self._seconds))
