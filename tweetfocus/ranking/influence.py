"""Influence as quality of engagement: who replies to, reposts, quotes and mentions whom, and whether that goes both ways.

Points of one person for another: how much they share the field (in [0, 1]) x reciprocity x log2(1 + the weighted number of posts).
Nobody gains by shouting: posts of one person count less and less, link spam counts nothing, and follower counts do not count here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.data.engagement import KINDS, find_addresses
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.relevance import Relevance

__all__ = ["KIND_POINTS", "Exchange", "Influence", "measure_influence"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

KIND_POINTS: Mapping[str, float] = MappingProxyType({"reply": 1.0, "quote": 1.0, "repost": 0.7, "mention": 0.5})
_ONE_WAY = 0.5  # of the points, where nothing goes the other way
_REACH = 0.1  # the most that followers may add
_FULL_REACH = 6  # powers of ten
_FEWEST_PEERS = 10
_POINTS = np.array([KIND_POINTS[kind] for kind in KINDS])


@dataclass(frozen=True, slots=True)
class Exchange:
    """What went between the person and one other account.

    Attributes:
        account_id, username: the other.
        relevance: weight of the other in [0, 1], see `Relevance.weights`.
        received, given: posts by kind, from the other and to the other.
        reciprocal: whether both are there.
        points: what the received ones are worth.
        given_points: what the given ones are worth, by the same rule.
        received_post_ids, given_post_ids: the posts.

    Example:
        >>> print(Exchange("7", "ana", 1.0, {"reply": 2}, {}, False, 0.79, 0.0, ("a", "b"), ()))
        @ana: 0.79 points (2 reply), relevance 1.00, one way
    """

    account_id: str
    username: str | None
    relevance: float
    received: Mapping[str, int]
    given: Mapping[str, int]
    reciprocal: bool
    points: float
    given_points: float
    received_post_ids: tuple[str, ...]
    given_post_ids: tuple[str, ...]

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in (self.received or self.given).items())
        ways = "both ways" if self.reciprocal else "one way"
        return f"{self.label}: {self.points:.2f} points ({kinds}), relevance {self.relevance:.2f}, {ways}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "relevance": self.relevance,
            "received": dict(self.received),
            "given": dict(self.given),
            "reciprocal": self.reciprocal,
            "points": self.points,
            "given_points": self.given_points,
            "received_post_ids": list(self.received_post_ids),
            "given_post_ids": list(self.given_post_ids),
        }


@dataclass(frozen=True, slots=True)
class Influence:
    """How much the field engages with the person.

    Attributes:
        score: `engagement` x `reach`.
        engagement: the points of all exchanges, added up.
        quality: the same as a part of what it would be if everybody shared the field; None without any engagement.
        rank: part of the accounts of the field with less engagement; None with fewer than ten such accounts.
        reach: from 1 to 1.1, with the number of followers; all that it does.
        followers: the number that reach was read from; None where none is known.
        exchanges: by points, then by what was given.
        received, given: posts.
        giving: the points of what was given, added up.

    Example:
        >>> Influence(0.0, 0.0, None, None, 1.0, 0, (), 0, 0, 0.0).score
        0.0
    """

    score: float
    engagement: float
    quality: float | None
    rank: float | None
    reach: float
    followers: int | None
    exchanges: tuple[Exchange, ...]
    received: int
    given: int
    giving: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "score": self.score,
            "engagement": self.engagement,
            "quality": self.quality,
            "rank": self.rank,
            "reach": self.reach,
            "followers": self.followers,
            "received": self.received,
            "given": self.given,
            "giving": self.giving,
            "exchanges": [exchange.to_dict() for exchange in self.exchanges],
        }


def measure_influence(index: AccountIndex, row: int, near: Relevance, spam: npt.NDArray[np.bool_]) -> Influence:
    """Read the influence of the account in `row` out of the posts of the index.

    Args:
        index: the accounts.
        row: the person.
        near: relevance of every account to the person.
        spam: (n,) accounts whose engagement counts nothing.

    Example:
        >>> import tweetfocus as tf
        >>> from tweetfocus.ranking.relevance import relevance
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> row = index.data.row("@mara_lindqvist")
        >>> found = measure_influence(index, row, relevance(index, "@mara_lindqvist"), index.signals.link_spam >= 0.8)
        >>> 1 < found.reach < 1.1, found.received == sum(sum(e.received.values()) for e in found.exchanges)
        (True, True)
    """
    weights = np.where(spam, 0.0, near.weights)
    exchanges = _exchanges(index, row, weights)
    engagement = math.fsum(exchange.points for exchange in exchanges)
    whole = math.fsum(_points(e.received, e.reciprocal) for e in exchanges)
    count = index.data.accounts["followers_count"][row].as_py()
    followers = int(index.graph.in_degree[row]) if count is None else int(count)
    reach = 1 + _REACH * min(math.log10(1 + max(followers, 0)) / _FULL_REACH, 1.0)
    return Influence(
        score=engagement * reach,
        engagement=engagement,
        quality=engagement / whole if whole else None,
        rank=_rank(index, row, near, weights, engagement),
        reach=reach,
        followers=followers,
        exchanges=exchanges,
        received=sum(sum(e.received.values()) for e in exchanges),
        given=sum(sum(e.given.values()) for e in exchanges),
        giving=math.fsum(exchange.given_points for exchange in exchanges),
    )


def _points(received: Mapping[str, int], reciprocal: bool) -> float:
    posts = math.fsum(KIND_POINTS[kind] * count for kind, count in received.items())
    return (1.0 if reciprocal else _ONE_WAY) * math.log2(1 + posts)


def _exchanges(index: AccountIndex, row: int, weights: Floats) -> tuple[Exchange, ...]:
    found, authors = find_addresses(index.data), index.data.post_authors
    ids = index.data.posts["post_id"]
    sides: dict[int, tuple[dict[str, int], list[str], dict[str, int], list[str]]] = {}
    author = authors[found.posts]
    for entry in np.flatnonzero((found.targets == row) | (author == row)).tolist():
        to_me = found.targets[entry] == row
        received, received_ids, given, given_ids = sides.setdefault(
            int(author[entry] if to_me else found.targets[entry]), ({}, [], {}, [])
        )
        counts, listed = (received, received_ids) if to_me else (given, given_ids)
        kind = KINDS[int(found.kinds[entry])]
        counts[kind] = counts.get(kind, 0) + 1
        listed.append(ids[int(found.posts[entry])].as_py())
    made = [
        Exchange(
            account_id=index.data.account_id(other),
            username=index.data.username(other),
            relevance=float(weights[other]),
            received=_in_order(received),
            given=_in_order(given),
            reciprocal=bool(received and given),
            points=float(weights[other]) * _points(received, bool(received and given)),
            given_points=float(weights[other]) * _points(given, bool(received and given)),
            received_post_ids=tuple(received_ids),
            given_post_ids=tuple(given_ids),
        )
        for other, (received, received_ids, given, given_ids) in sides.items()
    ]
    return tuple(sorted(made, key=lambda e: (-e.points, -sum(e.received.values()), -sum(e.given.values()), e.account_id)))


def _in_order(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({kind: counts[kind] for kind in KINDS if kind in counts})


def _rank(index: AccountIndex, row: int, near: Relevance, weights: Floats, engagement: float) -> float | None:
    """Part of the relevant accounts that the field engages with less, by the same weights."""
    peers = near.passes.copy()
    peers[row] = False
    if peers.sum() < _FEWEST_PEERS:
        return None
    talk, n = index.engagement, len(index)
    addressee = np.repeat(np.arange(n), np.diff(talk.indptr))
    pair, place = np.unique(addressee * n + talk.authors, return_inverse=True)
    posts = np.bincount(place, _POINTS[talk.kinds] * talk.counts, minlength=len(pair))
    to, by = pair // n, pair % n
    both = np.isin(by * n + to, pair)
    points = weights[by] * np.where(both, 1.0, _ONE_WAY) * np.log2(1 + posts)
    totals = np.bincount(to, points, minlength=n)
    return float(np.mean(totals[peers] < engagement - 1e-9))
