"""Diversity: the top of the list gives each of the person's fields its share, as far as that costs little score."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["spread"]

Rows = npt.NDArray[np.int64]


def spread(scores: npt.NDArray[np.float64], facet: Rows, shares: npt.NDArray[np.floating], n: int, *, give_up: float) -> Rows:
    """Order candidates so that fields come up in proportion to their shares (after PM-2, Dang & Croft, SIGIR 2012).

    At each place the field that is furthest behind its share may name its best candidate, if that one scores at most `give_up`
    less than the best of all; else the best of all takes the place.

    Args:
        scores: (m,) of the candidates, which stand in row order.
        facet: (m,) the field of each candidate; -1 for none.
        shares: (k,) what each field is worth.
        n: how many to order.
        give_up: points of score; 0 orders by score alone.

    Returns:
        (min(n, m),) positions into `scores`, best first; equal scores by position.

    Example:
        >>> spread(np.array([3.0, 2.9, 2.8, 1.0]), np.array([0, 0, 1, 1]), np.array([0.5, 0.5]), 4, give_up=0.5).tolist()
        [0, 2, 1, 3]
    """
    order = np.lexsort((np.arange(len(scores)), -scores))
    if give_up <= 0 or len(shares) < 2:
        return order[:n]
    queues = [order[facet[order] == field].tolist()[::-1] for field in range(len(shares))]
    everybody = order.tolist()[::-1]
    taken: set[int] = set()
    given = np.zeros(len(shares))
    chosen: list[int] = []
    while everybody and len(chosen) < n:
        while everybody and everybody[-1] in taken:
            everybody.pop()
        if not everybody:
            break
        pick = everybody[-1]
        behind = shares * (len(chosen) + 1) - given
        for field in np.lexsort((np.arange(len(shares)), -behind)).tolist():
            queue = queues[field]
            while queue and queue[-1] in taken:
                queue.pop()
            if queue and behind[field] > 0 and scores[queue[-1]] >= scores[pick] - give_up:
                pick = queue[-1]
                break
        chosen.append(pick)
        taken.add(pick)
        if facet[pick] >= 0:
            given[facet[pick]] += 1
    return np.array(chosen, dtype=np.int64)
