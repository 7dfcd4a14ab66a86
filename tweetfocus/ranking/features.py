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


_NEW = 3.0  # followers from which on they say more than the account's own text
_ECHO = "describing itself like those whom people whose neighbours are mine follow; the fewer follow it, the more it counts"
_SPOKEN = "describing itself like those whom people who stand where I stand follow; the fewer follow it, the more it counts"


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


def _relative(kind: str) -> Callable[[Evidence], Floats]:
    return lambda evidence: evidence.relatives[kind]


def _for_the_unknown(measure: Callable[[Evidence], Floats]) -> Callable[[Evidence], Floats]:
    """What a text promises counts less, the more followers have had their say."""
    return lambda evidence: measure(evidence) * _NEW / (_NEW + evidence.graph.in_degree)


_KINDS = {
    "facets": "near to one of my fields",
    "bio": "with a bio near to one of my fields",
    "words": "sharing telling words",
    "alike": "followed by people who describe themselves as I do",
    "pattern": "fitting what people who stand where I stand follow",
    "peers": "followed by people who follow whom I follow",
    "neighbours": "followed by people whose neighbours in the graph are mine",
    "fellows": "followed by people who have my followers",
    "co_follow": "followed together with those I follow",
    "walk": "passed by a walk along follows",
    "trust": "followed within my circle of trust",
    "friends": "followed by those I follow",
    "audience": "followed by my followers",
    "likeness": "following whom I follow",
}

FEATURES: dict[str, Feature] = {
    **{name: Feature(f"{about}: how rare that is in the index", _rarity(name)) for name, about in _KINDS.items()},
    **{
        f"{name}_relative": Feature(f"{about}: against the most that anybody has whom I do not follow", _relative(name))
        for name, about in _KINDS.items()
    },
    "spoken": Feature(f"{_SPOKEN}: how rare that is in the index", _for_the_unknown(_rarity("spoken"))),
    "spoken_relative": Feature(
        f"{_SPOKEN}: against the most that anybody has whom I do not follow", _for_the_unknown(_relative("spoken"))
    ),
    "echo": Feature(f"{_ECHO}: how rare that is in the index", _for_the_unknown(_rarity("echo"))),
    "echo_relative": Feature(
        f"{_ECHO}: against the most that anybody has whom I do not follow", _for_the_unknown(_relative("echo"))
    ),
    "facets_cosine": Feature("cosine with the nearest of my fields", lambda e: np.maximum(e.facets, 0)),
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
