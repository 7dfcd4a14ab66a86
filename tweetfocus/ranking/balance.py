"""The balance of an account: between private chat and a link engine, beside the accounts of the same field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.signals import SHORTENERS, addresses_somebody, links_of, site_of
from tweetfocus.ranking.own_posts import KINDS, OwnPosts, kinds_of
from tweetfocus.ranking.topics import FEWEST, Topics

__all__ = ["MEASURES", "Balance", "Links", "Measure", "find_peers", "weigh_balance"]

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_MOST_PEERS = 300  # evenly spaced
_FEWEST_PEERS = 10
_TILTED = 0.5  # of the position, either way
_SHOWN = 5  # repeated links, and sites

MEASURES = {
    "original": "own posts",
    "reply": "answers to others",
    "repost": "others' words passed on",
    "quote": "others' posts quoted with a remark",
    "linked": "own words with a link",
    "conversation": "posts that address somebody, reposts left out",
    "broadcast": "own posts with a link that address nobody",
    "chat": "posts to somebody without a link",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One part of all posts, beside the accounts of the field.

    Attributes:
        name: a key of `MEASURES`.
        share: of the person's posts.
        low, middle, high: quartiles of the accounts of the field; None where too few are known.
        rank: part of these accounts that have less.

    Example:
        >>> print(Measure("reply", 0.25, 0.1, 0.2, 0.3, 0.7))
        answers to others: 25 % (field 10 to 30 %)
    """

    name: str
    share: float
    low: float | None
    middle: float | None
    high: float | None
    rank: float | None

    def __str__(self) -> str:
        field = "" if self.low is None or self.high is None else f" (field {100 * self.low:.0f} to {100 * self.high:.0f} %)"
        return f"{MEASURES[self.name]}: {100 * self.share:.0f} %{field}"


@dataclass(frozen=True, slots=True)
class Links:
    """The links of an account, in its own words.

    Attributes:
        posts: with a link.
        on_topic, off_topic: of these, where the rest of the post was embedded; None where topics cannot be told.
        repeated: links in several posts, with how many; the most frequent first, at most five.
        repeats: posts whose link stood in an earlier one.
        sites: the sites most linked, with how many posts; shorteners left out, at most five.

    Example:
        >>> Links(0, None, None, (), 0, ()).posts
        0
    """

    posts: int
    on_topic: int | None
    off_topic: int | None
    repeated: tuple[tuple[str, int], ...]
    repeats: int
    sites: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an account stands between "text messages to friends" and "spam engine".

    Attributes:
        posts: how many were looked at.
        position: from -1, nothing but chat, to 1, nothing but links to nobody: `broadcast` less `chat`.
        verdict: the same in words.
        measures: each a part of all posts, in the order of `MEASURES`.
        peer_position: the middle position of the accounts of the field; None with fewer than ten.
        peers: how many accounts of the field are compared.
        links: what is linked.

    Example:
        >>> Balance(3, None, "too few posts to judge", (), None, 0, Links(0, None, None, (), 0, ())).verdict
        'too few posts to judge'
    """

    posts: int
    position: float | None
    verdict: str
    measures: tuple[Measure, ...]
    peer_position: float | None
    peers: int
    links: Links

    def of(self, name: str) -> Measure:
        """The measure of that name.

        Raises:
            KeyError: no such measure, or too few posts for any.
        """
        return {measure.name: measure for measure in self.measures}[name]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "posts": self.posts,
            "position": self.position,
            "verdict": self.verdict,
            "measures": {
                m.name: {"share": m.share, "low": m.low, "middle": m.middle, "high": m.high, "rank": m.rank}
                for m in self.measures
            },
            "peer_position": self.peer_position,
            "peers": self.peers,
            "links": {
                "posts": self.links.posts,
                "on_topic": self.links.on_topic,
                "off_topic": self.links.off_topic,
                "repeated": [{"url": url, "posts": count} for url, count in self.links.repeated],
                "repeats": self.links.repeats,
                "sites": [{"site": site, "posts": count} for site, count in self.links.sites],
            },
        }


def find_peers(index: AccountIndex, relevant: npt.NDArray[np.bool_]) -> Rows:
    """Those of the `relevant` accounts whose manners can be compared: five posts or more, no link spam; at most 300, evenly spaced."""
    enough = (np.diff(index.data.post_offsets) >= FEWEST) & ~index.signals.spammers
    rows = np.flatnonzero(relevant & enough)
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _MOST_PEERS)).round().astype(np.int64))]


def weigh_balance(index: AccountIndex, posts: OwnPosts, topics: Topics, peers: Rows) -> Balance:
    """Measure the manners of an account beside those of its peers.

    Args:
        index: the accounts.
        posts: of the account.
        topics: of these posts.
        peers: rows of accounts of the same field, see `find_peers`.
    """
    links = _links(posts, topics)
    if len(posts) < FEWEST:
        return Balance(len(posts), None, "too few posts to judge", (), None, len(peers), links)
    linked = np.fromiter(map(bool, posts.links), bool, len(posts))
    own = {name: float(values[0]) for name, values in _shares(posts.kinds, posts.addressed, linked, [0, len(posts)]).items()}
    compared = _of_peers(index, peers) if len(peers) >= _FEWEST_PEERS else {}
    measures = []
    for name, share in own.items():
        low, middle, high = map(float, np.quantile(compared[name], [0.25, 0.5, 0.75])) if compared else (None, None, None)
        rank = float(np.mean(compared[name] < share)) if compared else None
        measures.append(Measure(name, share, low, middle, high, rank))
    position = own["broadcast"] - own["chat"]
    peer_position = float(np.median(compared["broadcast"] - compared["chat"])) if compared else None
    return Balance(len(posts), position, _verdict(position), tuple(measures), peer_position, len(peers), links)


def _verdict(position: float) -> str:
    if position <= -_TILTED:
        return "close to text messages among friends"
    return "close to a link engine" if position >= _TILTED else "between chat and links"


def _shares(
    kinds: npt.NDArray[np.int8], addressed: npt.NDArray[np.bool_], linked: npt.NDArray[np.bool_], ends: Sequence[int] | Rows
) -> dict[str, Floats]:
    """Each of `MEASURES` for posts that lie one account after another."""
    repost = kinds == KINDS.index("repost")
    own = (kinds == KINDS.index("original")) | (kinds == KINDS.index("quote"))
    flags = {kind: kinds == number for number, kind in enumerate(KINDS)}
    flags["linked"] = linked & ~repost
    flags["conversation"] = addressed & ~repost
    flags["broadcast"] = own & linked & ~addressed
    flags["chat"] = ~repost & addressed & ~linked
    starts, sizes = np.asarray(ends[:-1], dtype=np.int64), np.diff(ends)
    return {name: np.add.reduceat(flags[name].astype(np.float64), starts) / sizes for name in MEASURES}


def _of_peers(index: AccountIndex, peers: Rows) -> dict[str, Floats]:
    first, last = index.data.post_offsets[peers], index.data.post_offsets[peers + 1]
    rows = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
    data = replace(index.data, posts=index.data.posts.take(pa.array(rows)))
    linked = np.fromiter(map(bool, links_of(data)), bool, len(rows))
    return _shares(kinds_of(data), addresses_somebody(data), linked, np.concatenate([[0], np.cumsum(last - first)]))


def _links(posts: OwnPosts, topics: Topics) -> Links:
    counts = posts.page_counts
    repeated = sorted(((url, many) for url, many in counts.items() if many > 1), key=lambda pair: (-pair[1], pair[0]))
    found = [{site_of(url) for url in posts.links[post]} for post in np.flatnonzero(posts.linked)]
    sites = Counter(site for named in found for site in named if site and site not in SHORTENERS)
    judged = posts.linked[posts.embedded]
    known = topics.measured
    return Links(
        posts=int(posts.linked.sum()),
        on_topic=int((judged & topics.on).sum()) if known else None,
        off_topic=int((judged & topics.off).sum()) if known else None,
        repeated=tuple(repeated[:_SHOWN]),
        repeats=sum(many - 1 for _, many in repeated),
        sites=tuple(sorted(sites.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]),
    )
