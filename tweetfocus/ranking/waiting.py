"""What the order of mentions is made of: who wrote, and how long ago."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tweetfocus.data.correspondence import UNDATED

__all__ = ["HALF_LIFE", "freshness", "waiting_parts"]

HALF_LIFE = 14  # days after which a post is half as fresh
_DAY = 86_400_000_000  # microseconds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def freshness(times: Ints, now: int) -> Floats:
    """1 for now, half for each `HALF_LIFE` days before; zero where the date is unknown.

    Args:
        times: microseconds since 1970, or `UNDATED`.
        now: the same.

    Example:
        >>> freshness(np.array([14 * 86_400_000_000, 0, UNDATED]), 14 * 86_400_000_000).tolist()
        [1.0, 0.5, 0.0]
    """
    known = times != UNDATED
    ages = np.maximum(now - np.where(known, times, now), 0) / _DAY
    return np.where(known, 0.5 ** (ages / HALF_LIFE), 0.0)


def waiting_parts(authors: Ints, times: Ints, *, relevance: Floats, courtesy: Floats, now: int) -> dict[str, Floats]:
    """What is added up to the score of each mention: relevance and courtesy of the author, and freshness, each in [0, 1].

    Args:
        authors: (m,) rows.
        times: (m,) microseconds since 1970, or `UNDATED`.
        relevance: (n,) of every account, in [0, 1].
        courtesy: (n,) in [0, 1]; NaN, which adds nothing, where unknown.
        now: microseconds since 1970.
    """
    return {
        "relevance": relevance[authors],
        "courtesy": np.nan_to_num(courtesy[authors]),
        "freshness": freshness(times, now),
    }
