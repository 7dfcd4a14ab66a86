"""Threads for work that lets go of Python's lock: parts of one array, each on a processor of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["at_once", "processors"]

Part = TypeVar("Part")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def at_once(work: Callable[[int], Part], parts: int) -> list[Part]:
    """`work(0)`, `work(1)`, .. `work(parts - 1)`, all at the same time.

    Example:
        >>> at_once(lambda part: part * part, 3)
        [0, 1, 4]
    """
    with ThreadPoolExecutor(max(parts - 1, 1)) as pool:
        others = [pool.submit(work, part) for part in range(1, parts)]
        return [work(0), *(other.result() for other in others)]  # the first here: what it leaves behind is used again
