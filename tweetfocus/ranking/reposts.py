"""Posts of others that one might pass on: on topic, in their own words, not passed on yet, and not all from one person."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.correspondence import UNDATED
from tweetfocus.data.engagement import is_reply, is_repost
from tweetfocus.embedding.texts import clean_text
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.mention_kinds import MentionKind, mention_kind
from tweetfocus.kernels.chance import lower_null, one_in
from tweetfocus.kernels.similarity import row_products, unit_rows
from tweetfocus.ranking.waiting import freshness

__all__ = ["CHANCE", "Passable", "on_topic", "worth_reposting"]

# of random posts that may pass as on topic. In the invented world, with all-MiniLM-L6-v2, followers' posts above it are on topic but for
# one in sixty, and a third of their posts are above it; at 0.2 it would be half of them, and small talk among it
CHANCE = 0.1
_FEWEST = 5  # posts of one's own; fewer do not say how near one's posts usually are
_FLAT = 1e-6  # spread of a cosine; less is rounding
_DAY = 86_400_000_000  # microseconds
_REPOSTED = re.compile(r"^RT @\w+:?\s*", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:…|\.\.\.)?$")
_ENOUGH = 25  # characters; a shorter beginning is not enough to know a post again

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Passable:
    """One post worth passing on.

    Attributes:
        post: row of `Dataset.posts`.
        author: row of its author.
        parts: what its score is made of: topic, relevance, freshness.
        facet: the person's facet that it is nearest to.
    """

    post: int
    author: int
    parts: dict[str, float]
    facet: int

    @property
    def score(self) -> float:
        """The sum of the parts."""
        return sum(self.parts.values())


def on_topic(index: AccountIndex, row: int, *, chance: float = CHANCE) -> tuple[Floats, npt.NDArray[np.int64]]:
    """How far each embedded post lies above what random posts of the index have in common with the fields of `row`.

    Where most of the index shares the field, random posts are on topic as well; so half of the person's own posts, which lie nearest to
    their fields, are always near enough.

    Returns:
        (m,) in spreads above the threshold that a `chance` of random posts would reach, negative below it; and (m,) the
        nearest facet. NaN where the person has no text.
    """
    facets = index.facet_vectors(row)[0]
    m = len(index.post_rows)
    if not len(facets) or not m:
        return np.full(m, np.nan), np.zeros(m, dtype=np.int64)
    posts = unit_rows(np.asarray(index.post_vectors))
    cosines = np.stack([row_products(posts, facet) for facet in facets], axis=1).astype(np.float64)
    nearest = cosines.argmax(axis=1)
    best = cosines.max(axis=1)
    centre, spread = lower_null(best)
    threshold = centre + one_in(chance) * spread
    own = best[int(index.post_offsets[row]) : int(index.post_offsets[row + 1])]
    if len(own) >= _FEWEST:
        threshold = min(threshold, float(np.median(own)))
    return (best - threshold) / max(spread, _FLAT), nearest


def worth_reposting(
    index: AccountIndex,
    row: int,
    authors: Flags,
    *,
    but: Ints,
    relevance: Floats,
    now: int,
    days: float | None,
    n: int,
    per_person: int,
) -> tuple[Passable, ...]:
    """The best posts of `authors` to pass on: everybody's best one first, then everybody's second, and so on.

    Args:
        index: the accounts.
        row: the person who would pass them on.
        authors: (n,) whose posts are looked at.
        but: rows of posts not to look at: who passes on what praises them promotes themselves.
        relevance: (n,) of the accounts to the person, in [0, 1].
        now: microseconds since 1970.
        days: older posts are too old; None for no limit. Posts without a date are old.
        n: how many, at most.
        per_person: how many of one author, at most.
    """
    data, posts = index.data, index.post_rows
    above, facet = on_topic(index, row)
    times = data.posts["created_at"].cast("int64").fill_null(UNDATED).to_numpy()[posts]
    times = np.where(times > now, UNDATED, times)
    author = data.post_authors[posts]
    own = ~(is_repost(data) | is_reply(data) | pc.is_valid(data.posts["quote_of_account_id"]).to_numpy())[posts]
    fresh = np.ones(len(posts), dtype=bool) if days is None else (times != UNDATED) & (times >= now - days * _DAY)
    good = authors[author] & own & fresh & ~np.isin(posts, but) & (np.nan_to_num(above, nan=-1) >= 0)
    candidates = np.flatnonzero(good)
    parts = {
        "topic": np.clip(above[candidates] / 2, 0, 1),
        "relevance": relevance[author[candidates]],
        "freshness": freshness(times[candidates], now),
    }
    scores = np.sum(list(parts.values()), axis=0) if candidates.size else np.zeros(0)
    known = _passed_on(index, row)
    texts = data.posts["text"]
    kept: list[tuple[int, Passable]] = []
    taken: dict[int, int] = {}
    for place in np.lexsort((posts[candidates], -scores)).tolist():
        at, who = int(candidates[place]), int(author[candidates[place]])
        if taken.get(who, 0) >= per_person:
            continue
        text = texts[int(posts[at])].as_py()
        if known.holds(who, text) or mention_kind(text) not in (MentionKind.COMMENT, MentionKind.QUESTION):
            continue
        item = Passable(int(posts[at]), who, {name: float(part[place]) for name, part in parts.items()}, int(facet[at]))
        kept.append((taken.get(who, 0), item))
        taken[who] = taken.get(who, 0) + 1
    kept.sort(key=lambda turn: turn[0])  # stable: within a round by score
    return tuple(item for _, item in kept[:n])


@dataclass(frozen=True, slots=True)
class _PassedOn:
    """What the person has reposted: cleaned beginnings by author, and those whose author is not known."""

    by_author: dict[int, list[str]]

    def holds(self, author: int, text: str) -> bool:
        said = _beginning(text)
        theirs = [*self.by_author.get(author, []), *self.by_author.get(-1, [])]
        return any(said == other or (len(other) >= _ENOUGH and said.startswith(other)) for other in theirs)


def _passed_on(index: AccountIndex, row: int) -> _PassedOn:
    data = index.data
    own = np.arange(int(data.post_offsets[row]), int(data.post_offsets[row + 1]))
    mine = own[is_repost(data)[own]]
    table = data.posts.take(pa.array(mine))
    authors = data.rows_of(table["repost_of_account_id"]).tolist()
    found: dict[int, list[str]] = {}
    for author, text in zip(authors, table["text"].to_pylist(), strict=True):
        found.setdefault(author, []).append(_beginning(text))
    return _PassedOn(found)


def _beginning(text: str) -> str:
    """The text without what a repost puts in front of it or cuts off behind it."""
    return _CUT.sub("", clean_text(_REPOSTED.sub("", text))).casefold()
