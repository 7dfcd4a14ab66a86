"""People as the page shows them: on cards with their reasons, and as points on the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.interfaces.report.profiles import Profile, checked
from tweetfocus.interfaces.report.wording import line
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.neighbourhood import Neighbourhood
from tweetfocus.ranking.planning import nearest_facet
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.reasons import Reason
from tweetfocus.verbs.recommendations import Recommendation, Recommendations

__all__ = ["ROLES", "Card", "Told", "cards", "group_table", "points", "roles"]

NAME = 60  # characters of a username or name
BIO = 280
TEXT = 240  # of a reason or a quotation
_SHOWN = 3  # reasons on a card before it is opened
_NAMED = 8  # accounts behind a reason
_CLEARLY = 0.2  # points of score
_MAP_TEXT = 400_000  # characters of bios on the map, all together
_MAP_BIO = 120
_FEW = 12  # characters; a bio cut shorter says nothing

ROLES = ("others", "follows you", "you follow", "each other", "suggested", "you")  # the later one hides the earlier


@dataclass(frozen=True, slots=True)
class Told:
    """One reason on a card: its sentence, its points, and quotations or names behind it."""

    text: str
    points: float
    quotes: tuple[str, ...]
    names: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Card:
    """One recommendation as the page shows it.

    Attributes:
        field: which of the person's fields is nearest; -1 where its text is unknown.
        marks: what one may filter by: "follows-you", "spoke-to-you", "doubts", "new".
        shown: the reasons that stand on the closed card.
        told: all of them.
    """

    rank: int
    label: str
    name: str
    bio: str
    address: str | None
    score: float
    field: int
    marks: tuple[str, ...]
    shown: tuple[Told, ...]
    told: tuple[Told, ...]


def cards(index: AccountIndex, row: int, recs: Recommendations, profile: Profile) -> tuple[Card, ...]:
    """The recommendations, in their order."""
    evidence = Evidence(index, make_query(index, index.data.account_id(row)))  # the fields as the reasons tell them
    fields = nearest_facet(evidence, np.array([index.data.row(rec.account_id) for rec in recs], dtype=np.int64)).tolist()
    pairs = enumerate(zip(recs, fields, strict=True), 1)
    return tuple(_card(index, rank, rec, field, profile) for rank, (rec, field) in pairs)


def _card(index: AccountIndex, rank: int, rec: Recommendation, field: int, profile: Profile) -> Card:
    told = tuple(_told(index, reason) for reason in rec.reasons)
    speaking = {name for reason in rec.reasons for name in reason.features}
    shared = [t for t, reason in zip(told, rec.reasons, strict=True) if "facets" in reason.features]
    own = [*shared, *(t for t in told if t not in shared)]  # what they share, then the weightiest, then what speaks against
    own, against = [t for t in own if t.points > 0][:_SHOWN], [t for t in told if t.points < -_CLEARLY]
    marks = {
        "follows-you": "follows_me" in speaking,
        "spoke-to-you": "engaged" in speaking,
        "doubts": bool(against),
        "new": not index.graph.in_degree[index.data.row(rec.account_id)],
    }
    return Card(
        rank=rank,
        label=label(rec.account_id, rec.username, NAME),
        name=line(rec.name, NAME),
        bio=line(rec.bio, BIO),
        address=checked(profile(rec.account_id, rec.username)),
        score=rec.score,
        field=field,
        marks=tuple(name for name, is_so in marks.items() if is_so),
        shown=(*own, *against),
        told=told,
    )


def _told(index: AccountIndex, reason: Reason) -> Told:
    known = index.data.rows_of(list(reason.evidence)).tolist() if reason.evidence else []
    names = [label(index.data.account_id(at), index.data.username(at), NAME) for at in known if at >= 0]
    quotes = [line(text, TEXT) for text, at in zip(reason.evidence, known, strict=True) if at < 0]
    return Told(line(reason.text, TEXT), reason.contribution, tuple(quotes), tuple(names[:_NAMED]), max(len(names) - _NAMED, 0))


def roles(index: AccountIndex, row: int, near: Neighbourhood, recs: Recommendations) -> npt.NDArray[np.int64]:
    """(m,) the place in `ROLES` of each account on the map."""
    follows, followed = np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    followed[index.graph.following(row)] = follows[index.graph.followers(row)] = True
    found = follows * 1 + followed * 2
    found[[index.data.row(rec.account_id) for rec in recs]] = ROLES.index("suggested")
    found[row] = ROLES.index("you")
    return np.asarray(found[near.rows], dtype=np.int64)


def points(
    index: AccountIndex, row: int, near: Neighbourhood, recs: Recommendations, names: tuple[str, ...], profile: Profile
) -> dict[str, Any]:
    """The map as plain columns for the page's script; places are whole numbers from -9999 to 9999."""
    rank = {index.data.row(rec.account_id): place for place, rec in enumerate(recs, 1)}
    most = min(_MAP_BIO, _MAP_TEXT // max(len(near), 1))
    bios = index.data.accounts["bio"].take(near.rows).to_pylist()
    named = [(index.data.account_id(at), index.data.username(at)) for at in near.rows.tolist()]
    return {
        "x": _whole(near.places[:, 0]),
        "y": _whole(near.places[:, 1]),
        "role": roles(index, row, near, recs).tolist(),
        "group": near.groups.tolist(),
        "card": [rank.get(at, 0) for at in near.rows.tolist()],
        "label": [label(*who, 40) for who in named],
        "bio": [line(bio, most) if most >= _FEW else "" for bio in bios],
        "address": _shortened([checked(profile(*who)) for who in named]),
        "groups": [" · ".join(words) for words in near.names],
        "fields": [
            {"x": x, "y": y, "name": name}
            for x, y, name in zip(_whole(near.fields[:, 0]), _whole(near.fields[:, 1]), names, strict=True)
        ],
        "roles": list(ROLES),
    }


def group_table(index: AccountIndex, row: int, near: Neighbourhood, recs: Recommendations) -> list[dict[str, Any]]:
    """The map in words: each group with how many accounts of each role it has; the accounts between the groups come last."""
    role, found = roles(index, row, near, recs), []
    for group in [*range(len(near.names)), -1]:
        inside = role[near.groups == group]
        if len(inside):
            counts = np.bincount(inside, minlength=len(ROLES)).tolist()
            words = "between the groups" if group < 0 else " · ".join(near.names[group]) or "no telling words"
            found.append({"words": words, "accounts": len(inside), "counts": dict(zip(ROLES, counts, strict=True))})
    return found


def _whole(values: npt.NDArray[np.float64]) -> list[int]:
    return [int(value) for value in np.round(values * 9999)]


def _shortened(addresses: list[str | None]) -> Mapping[str, Any]:
    """What all addresses begin with, and the rest of each; empty for none."""
    known = [address for address in addresses if address]
    start = known[0][: known[0].index("/", len("https://")) + 1] if known else ""
    if not all(address.startswith(start) for address in known):
        start = ""
    return {"start": start, "rest": [address[len(start) :] if address else "" for address in addresses]}
