"""Correspondence of one account: what others wrote to it, post by post, and which of it has been answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.engagement import KINDS, find_addresses

__all__ = ["UNDATED", "Correspondence", "find_correspondence"]

UNDATED = int(np.iinfo(np.int64).min)
_REPOST = KINDS.index("repost")

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Correspondence:
    """Posts of others that address an account, by row of `Dataset.posts`, and whom the account has addressed.

    Attributes:
        posts: (m,) rows of `Dataset.posts`, ascending.
        authors: (m,) the row of each post's author.
        kinds: (m,) position in `KINDS`.
        times: (m,) microseconds since 1970; `UNDATED` where unknown or in the future.
        answered: (m,) whether the account has answered.
        unsure: (m,) answered ones for which only a missing date leaves it open; a subset of `answered`.
        addressed: rows of everybody the account has replied to, mentioned, quoted or reposted, ascending.
    """

    posts: Ints
    authors: Ints
    kinds: Ints
    times: Ints
    answered: Flags
    unsure: Flags
    addressed: Ints


def find_correspondence(data: Dataset, row: int, *, now: int) -> Correspondence:
    """What others wrote to the account in `row`, and whether it has answered.

    A reply of the account that says which post it answers (`reply_to_post_id`) answers that post, and the posts of the same author
    that this one continues. A reply that does not say so, a quote or a mention answers everything that the other had written to the
    account until then. Where a date is missing, any reply to the other counts as an answer: better one mention too few than a
    second answer to the same question.

    Args:
        data: the dataset.
        row: the account.
        now: microseconds since 1970; later dates are clocks gone wrong and count as unknown.

    Example:
        >>> from tweetfocus.data.records import Account, Post
        >>> people = [Account(account_id="1", username="ana"), Account(account_id="2", username="bo")]
        >>> said = [(2, "@ana which grid?", 10), (1, "@bo the old one", 20), (2, "@ana and why?", 30)]
        >>> posts = [Post(account_id=str(who), text=text, created_at=f"2026-01-{day}") for who, text, day in said]
        >>> found = find_correspondence(Dataset.from_records(people, posts=posts), 0, now=2**60)
        >>> found.answered.tolist()
        [True, False]
    """
    found, author = find_addresses(data), data.post_authors
    times = data.posts["created_at"].cast("int64").fill_null(UNDATED).to_numpy()
    times = np.where(times > now, UNDATED, times)
    received = found.targets == row
    posts, kinds = found.posts[received], found.kinds[received]
    authors = author[posts]
    sent = author[found.posts] == row
    answers = sent & (found.kinds != _REPOST)
    exact, general = _answered_posts(data, found.posts[answers], found.targets[answers])

    latest = np.full(len(data), UNDATED)
    undated = np.zeros(len(data), dtype=bool)
    spoke = np.zeros(len(data), dtype=bool)
    at, to = times[found.posts[answers][general]], found.targets[answers][general]
    np.maximum.at(latest, to, at)
    undated[to[at == UNDATED]] = True
    spoke[to] = True

    dated = times[posts] != UNDATED
    by_post = np.isin(posts, exact)
    by_time = dated & (times[posts] <= latest[authors])
    unsure = ~by_post & ~by_time & spoke[authors] & (~dated | undated[authors])
    return Correspondence(
        posts, authors, kinds, times[posts], by_post | by_time | unsure, unsure, np.unique(found.targets[sent])
    )


def _answered_posts(data: Dataset, posts: Ints, targets: Ints) -> tuple[Ints, Flags]:
    """Rows of the posts that `posts` say they answer, with what these continue; and which of `posts` do not say, (len(posts),)."""
    answers_to = data.posts["reply_to_post_id"]
    named = answers_to.take(pa.array(posts)).to_pylist()
    general = np.ones(len(posts), dtype=bool)
    if not any(name is not None for name in named):
        return posts[:0], general
    ids, offsets = data.posts["post_id"], data.post_offsets
    known: dict[int, dict[str, int]] = {}

    def find(author: int, post_id: str) -> int | None:
        if author not in known:
            first, last = int(offsets[author]), int(offsets[author + 1])
            known[author] = dict(zip(ids.slice(first, last - first).to_pylist(), range(first, last), strict=True))
        return known[author].get(post_id)

    exact: set[int] = set()
    for place, (post_id, target) in enumerate(zip(named, targets.tolist(), strict=True)):
        answered = find(target, post_id) if post_id is not None else None
        general[place] = answered is None  # a post that the dataset does not hold says nothing about those it does
        while answered is not None and answered not in exact:
            exact.add(answered)
            continues = answers_to[answered].as_py()
            answered = find(target, continues) if continues is not None else None
    return np.array(sorted(exact), dtype=np.int64), general
