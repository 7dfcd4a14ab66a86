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
Rows = npt.NDArray[np.int64]


_NEW = 3.0  # followers from which on they say more than the account's own text
_AGAINST = "against the most that anybody has whom I do not follow"
_ECHO = "describing itself like those whom people whose neighbours are mine follow; the fewer follow it, the more it counts"
_SPOKEN = "describing itself like those whom people who stand where I stand follow; the fewer follow it, the more it counts"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature.

    Attributes:
        about: what it says, for tables and documentation.
        measure: its value for every account of the index.
        never_helps: it speaks against an account; a positive weight is an error.
        measure_some: the same numbers for some rows only, where that costs less than measuring all.
    """

    about: str
    measure: Callable[[Evidence], npt.NDArray[np.floating]]
    never_helps: bool = False
    measure_some: Callable[[Evidence, Rows], npt.NDArray[np.floating]] | None = None

    def values(self, evidence: Evidence, rows: Rows) -> Floats:
        """(len(rows),) what is known of some rows; zero where nothing is."""
        some = self.measure_some(evidence, rows) if self.measure_some else self.measure(evidence)[rows]
        return np.nan_to_num(some.astype(np.float64))


def _rarity(kind: str, about: str) -> Feature:
    return Feature(about, lambda e: e.rarities[kind], measure_some=lambda e, rows: e.rarity_of(kind, rows))


def _relative(kind: str, about: str) -> Feature:
    return Feature(about, lambda e: e.relatives[kind], measure_some=lambda e, rows: e.relative_of(kind, rows))


def _for_the_unknown(feature: Feature) -> Feature:
    """What a text promises counts less, the more followers have had their say."""
    return Feature(
        feature.about,
        lambda e: feature.measure(e) * _NEW / (_NEW + e.graph.in_degree),
        measure_some=lambda e, rows: feature.values(e, rows) * _NEW / (_NEW + e.graph.in_degree[rows]),
    )


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
    **{name: _rarity(name, f"{about}: how rare that is in the index") for name, about in _KINDS.items()},
    **{f"{name}_relative": _relative(name, f"{about}: {_AGAINST}") for name, about in _KINDS.items()},
    "spoken": _for_the_unknown(_rarity("spoken", f"{_SPOKEN}: how rare that is in the index")),
    "spoken_relative": _for_the_unknown(_relative("spoken", f"{_SPOKEN}: {_AGAINST}")),
    "echo": _for_the_unknown(_rarity("echo", f"{_ECHO}: how rare that is in the index")),
    "echo_relative": _for_the_unknown(_relative("echo", f"{_ECHO}: {_AGAINST}")),
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
    columns = [weights[name] * FEATURES[name].values(evidence, rows) for name in names]
    return names, np.stack(columns, axis=1) + 0.0 if columns else np.zeros((len(rows), 0))  # + 0.0: no -0.0 in results
