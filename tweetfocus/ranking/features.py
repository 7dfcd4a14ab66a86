"""Features: facts of a pair, each a number per account on a scale that means the same in every index. Score = sum of weight x feature.

Follower counts are not among them, and no feature grows with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.ranking.evidence import Evidence

__all__ = ["FEATURES", "Feature", "contributions"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature.

    Attributes:
        about: what it says, for tables and documentation.
        measure: its value for every account of the index.
        never_helps: it speaks against an account; a positive weight is an error.
    """

    about: str
    measure: Callable[[Evidence], npt.NDArray[np.floating]]
    never_helps: bool = False


def _rarity(kind: str) -> Callable[[Evidence], Floats]:
    return lambda evidence: evidence.rarities[kind]


FEATURES: dict[str, Feature] = {
    "facets": Feature("how rare it is to be so near to one of my fields (rarity)", _rarity("facets")),
    "facets_cosine": Feature("cosine with the nearest of my fields", lambda e: np.maximum(e.facets, 0)),
    "bio": Feature("how rare it is for a bio to be so near to one of my fields (rarity)", _rarity("bio")),
    "words": Feature("how rare it is to share so many telling words (rarity)", _rarity("words")),
    "walk": Feature("how often a walk along follows comes by (rarity)", _rarity("walk")),
    "trust": Feature("followed within my circle of trust (rarity)", _rarity("trust")),
    "co_follow": Feature("followed together with those I follow (rarity)", _rarity("co_follow")),
    "peers": Feature("followed by people who follow whom I follow (rarity)", _rarity("peers")),
    "friends": Feature("followed by those I follow (rarity)", _rarity("friends")),
    "likeness": Feature("follows whom I follow (rarity)", _rarity("likeness")),
    "follows_me": Feature("follows me", lambda e: e.follows_me),
    "engaged": Feature("spoke to me: log of 1 + posts, at most 5 posts", lambda e: np.log1p(np.minimum(e.engaged, 5))),
    "conversation": Feature("talks with people", lambda e: e.index.signals.conversation),
    "link_spam": Feature("repeats links and talks with nobody", lambda e: e.index.signals.link_spam, never_helps=True),
    "self_promotion": Feature(
        "talks with nobody and links to one site", lambda e: e.index.signals.self_promotion, never_helps=True
    ),
}


def contributions(
    evidence: Evidence, rows: npt.NDArray[np.int64], weights: Mapping[str, float]
) -> tuple[tuple[str, ...], Floats]:
    """Names of the weighted features, and (len(rows), features) weight x feature; what is unknown contributes nothing."""
    names = tuple(name for name in FEATURES if weights.get(name))
    columns = [weights[name] * np.nan_to_num(FEATURES[name].measure(evidence).astype(np.float64)[rows]) for name in names]
    return names, np.stack(columns, axis=1) + 0.0 if columns else np.zeros((len(rows), 0))  # + 0.0: no -0.0 in results
