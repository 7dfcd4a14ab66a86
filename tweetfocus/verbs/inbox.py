"""`inbox`: who waits for an answer, what is worth passing on, and who never got a word back."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.data.correspondence import UNDATED, Correspondence, find_correspondence
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.courtesy import courtesy
from tweetfocus.ranking.eligibility import Left, reference_time, unwelcome
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.relevance import Relevance, relevance
from tweetfocus.ranking.reposts import worth_reposting
from tweetfocus.verbs.inbox_items import Inbox, LeftPost
from tweetfocus.verbs.inbox_telling import Teller
from tweetfocus.verbs.options import checked_as_of, checked_days, checked_number

__all__ = ["inbox"]

_DAY = 86_400_000_000  # microseconds
_ONE_TAKEN = "is taken as answered, since there is a reply to its author"

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def inbox(
    index: AccountIndex,
    who: str,
    *,
    n: int = 50,
    n_reposts: int = 10,
    n_people: int = 20,
    days: float | None = 90,
    per_person: int = 1,
    as_of: datetime | None = None,
) -> Inbox:
    """Mentions and replies that wait for an answer, followers' posts worth passing on, and people never thanked or answered.

    Args:
        index: the accounts and their posts.
        who: the person, by account id or @username.
        n: how many mentions of each group to return, at most; `counts` says how many there are.
        n_reposts: how many posts worth passing on, at most.
        n_people: how many people never answered, at most.
        days: older posts do not wait any more, and are not passed on; None for no limit. A mention without a date waits.
        per_person: how many posts of one follower to pass on, at most.
        as_of: count days back from here; by default from the newest post in the index.

    Returns:
        Questions before comments, each by the sum of relevance and courtesy of its author and its freshness. A mention that the person has
        answered is in none of the lists, see `tweetfocus.data.correspondence`. Mentions by blocked, muted, protected and opted-out
        accounts and by link spammers are in `left_out`.

    Raises:
        UnknownAccount: `who` is not in the index.
        InvalidRequest: an option out of range.

    Example:
        >>> import tweetfocus as tf
        >>> people = [tf.Account(account_id=i, username=name) for i, name in {"1": "ana", "2": "bo", "3": "cy"}.items()]
        >>> said = {"2": "@ana ours has 25 hours as well", "3": "@ana which grid is that?"}
        >>> posts = [tf.Post(account_id=account, text=text) for account, text in said.items()]
        >>> index = tf.AccountIndex.build(tf.Dataset.from_records(people, posts=posts), encoder=tf.HashingEncoder(), cache=False)
        >>> [f"{mention.label} {mention.kind}" for mention in tf.inbox(index, "@ana").waiting]
        ['@cy question', '@bo comment']
    """
    for option, value in (("n", n), ("n_reposts", n_reposts), ("n_people", n_people), ("per_person", per_person)):
        checked_number(option, value)
    limit = checked_days("days", days)
    when = checked_as_of(as_of)
    query = make_query(index, who)
    row, now = index.data.row(who), reference_time(index, when)
    shared, manners = relevance(index, who), courtesy(index, row)
    out = unwelcome(index, query)
    welcome = ~reduce(or_, out.values())

    found = find_correspondence(index.data, row, now=now)
    unanswered = ~found.answered & welcome[found.authors]
    fresh = (found.times == UNDATED) | (found.times >= now - (limit or 0) * _DAY) | (limit is None)
    teller = Teller(index, row, query, shared, manners, now)
    groups = teller.groups(found, unanswered & fresh)
    ignored = teller.never_answered(found, welcome)
    counts = {name: len(items) for name, items in groups.items()} | {
        "answered": int(found.answered.sum()),
        "older": int((unanswered & ~fresh).sum()),
        "never_answered": len(ignored),
    }
    fans = np.zeros(len(index), dtype=bool)
    fans[index.graph.followers(row)] = True
    passable = worth_reposting(
        index,
        row,
        fans & welcome & (shared.weights > 0),
        but=found.posts,
        relevance=shared.weights,
        now=now,
        days=limit,
        n=n_reposts,
        per_person=per_person,
    )
    settings: dict[str, Any] = {
        "who": index.data.account_id(row),
        "n": n,
        "n_reposts": n_reposts,
        "n_people": n_people,
        "days": days,
        "per_person": per_person,
        "as_of": when.isoformat() if when else None,
        "index": index.fingerprint,
    }
    return Inbox(
        waiting=teller.mentions(found, groups, ("questions", "comments"), n),
        thanks=teller.mentions(found, groups, ("thanks",), n),
        reposts=teller.mentions(found, groups, ("reposts",), n),
        other=teller.mentions(found, groups, ("other",), n),
        worth_reposting=tuple(map(teller.repost, passable)),
        never_answered=tuple(teller.contact(found, other) for other in ignored[:n_people]),
        left_out=_left_out(index, found, out),
        counts=MappingProxyType(counts),
        notes=_notes(shared, found, counts, days),
        settings=MappingProxyType(settings),
    )


def _left_out(index: AccountIndex, found: Correspondence, out: dict[Left, Flags]) -> tuple[LeftPost, ...]:
    data, ids = index.data, index.data.posts["post_id"]
    left = []
    for post, author in zip(found.posts.tolist(), found.authors.tolist(), strict=True):
        code = next((code for code, flags in out.items() if flags[author]), None)
        if code is not None:
            left.append(LeftPost(data.account_id(author), data.username(author), ids[post].as_py(), code))
    return tuple(left)


def _notes(shared: Relevance, found: Correspondence, counts: dict[str, int], days: float | None) -> tuple[str, ...]:
    notes = list(shared.notes)
    if not len(found.posts):
        notes.append("nobody in this index has addressed this account")
    if unsure := int(found.unsure.sum()):
        taken = "are taken as answered, since there are replies to their authors"
        notes.append(f"{_some(unsure, 'mention')} without a usable date {taken if unsure > 1 else _ONE_TAKEN}")
    if older := counts["older"]:
        notes.append(f"{_some(older, 'unanswered mention')} older than {days:g} days {'are' if older > 1 else 'is'} left out")
    return tuple(notes)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
