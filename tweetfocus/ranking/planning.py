"""What a plan weighs besides the score: how readily an account follows back, and how often it was suggested already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt

from tweetfocus.data.memory import Remembered
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.reasons import Reason

__all__ = ["COVERAGE", "nearest_facet", "plan_parts", "plan_reasons"]

COVERAGE = 1.0  # points of an account whose field has less than its share of the plan
_RETURNS = 1.0  # points of an account that follows everybody back
_PATIENCE = 3  # days on which an account may be suggested before it loses
_TIRED = 0.3  # points with each further one

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def plan_parts(evidence: Evidence, rows: Ints, known: Mapping[int, Remembered], today: date) -> dict[str, Floats]:
    """Points of each of `rows`, by name.

    `reciprocity` is how readily the account follows back, all of it where it follows the person, nothing where that is unknown;
    `shown` takes away points for each day before today on which it was suggested, from the fourth on.
    """
    share = np.nan_to_num(evidence.index.signals.follow_back[rows].astype(np.float64))
    returns = np.where(np.nan_to_num(evidence.follows_me[rows]) > 0, 1.0, share)
    days = {row: said.shown - (said.shown_on is not None and said.shown_on >= today) for row, said in known.items()}
    shown = np.array([max(days.get(row, 0), 0) for row in rows.tolist()], dtype=np.float64)
    return {"reciprocity": _RETURNS * returns, "shown": -_TIRED * np.maximum(shown - _PATIENCE, 0)}


def nearest_facet(evidence: Evidence, rows: Ints) -> Ints:
    """(len(rows),) which of the person's facets each account is nearest to; -1 where its text is unknown."""
    likeness = evidence.facet_likeness[rows]
    if likeness.shape[1] == 0:
        return np.full(len(rows), -1)
    return np.where(np.isfinite(likeness[:, 0]), np.nan_to_num(likeness).argmax(axis=1), -1)


def plan_reasons(evidence: Evidence, row: int, parts: Mapping[str, float]) -> list[Reason]:
    """The points of one account in words: `reciprocity`, `shown` and `coverage`, as far as it has them."""
    reasons = []
    if points := parts.get("reciprocity"):
        share = f"{float(evidence.index.signals.follow_back[row]):.0%}".replace("%", " %")
        mutual = np.nan_to_num(evidence.follows_me[row]) > 0
        text = "The tie would be mutual" if mutual else f"Follows back {share} of their followers"
        reasons.append(Reason(("reciprocity",), points, text))
    if points := parts.get("coverage"):
        reasons.append(Reason(("coverage",), points, "Gives one of your fields its share of the plan"))
    if points := parts.get("shown"):
        days = round(-points / _TIRED) + _PATIENCE
        reasons.append(Reason(("shown",), points, f"Against it: suggested on {days} days before"))
    return reasons
