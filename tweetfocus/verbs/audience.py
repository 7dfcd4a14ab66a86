"""`audience`: who listens to an account, and does that help its field? 500 who share it, or 10,000 who do not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np

from tweetfocus.errors import InvalidRequest, UnknownAccount
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.crowd import Crowd, count_crowd, nearest_fields
from tweetfocus.ranking.eligibility import Left, left_out
from tweetfocus.ranking.influence import measure_influence
from tweetfocus.ranking.own_fields import own_fields
from tweetfocus.ranking.query import Query
from tweetfocus.ranking.relevance import relevance
from tweetfocus.ranking.simulation import simulate
from tweetfocus.verbs.audiences import Audience

__all__ = ["audience"]


def audience(
    index: AccountIndex,
    who: str,
    *,
    candidates: Iterable[str] | None = None,
    chance: float = 0.01,
    inactive_days: int | None = 60,
    as_of: datetime | None = None,
    chosen: int = 500,
    random: int = 10_000,
    random_share: float | None = None,
) -> Audience:
    """Count the relevant among an account's followers and followings, weigh who engages with it, and simulate two ways to grow.

    Args:
        index: the accounts.
        who: account id or @username; `"@me"` is the account marked `is_me`.
        candidates: accounts of whom to tell what they would add as followers.
        chance: part of random pairs of accounts that may count as relevant to each other; it sets the threshold.
        inactive_days: accounts whose last known post is older are no longer alive; None for no such limit.
        as_of: count those days back from here; by default from the newest post in the index.
        chosen: followers chosen by relevance, in the simulation.
        random: followers at random, against them.
        random_share: part of random accounts that share the field; by default as in the index, which is far more than among all people.

    Returns:
        The counts with intervals, every engagement with the posts behind it, and the simulation with its assumptions.

    Raises:
        UnknownAccount: `who` is not in the index.
        InvalidRequest: an option out of range.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.audience(index, "@mara_lindqvist")
        >>> len(found.followers), found.followers.spam, 0 < found.followers.effective <= found.followers.relevant
        (33, 8, True)
    """
    for option, number in (("chosen", chosen), ("random", random)):
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 1_000_000_000:
            raise InvalidRequest(f"{option} must be a whole number from 1 on, not {number!r}")
    if inactive_days is not None and not _amount(inactive_days):
        raise InvalidRequest(f"inactive_days must be a number from 0 on, or None, not {inactive_days!r}")
    if random_share is not None and not (_amount(random_share) and random_share <= 1):
        raise InvalidRequest(f"random_share must be a number from 0 to 1, not {random_share!r}")
    if as_of is not None and not isinstance(as_of, datetime):
        raise InvalidRequest(f"as_of must be a datetime, not {as_of!r}")
    when = as_of.replace(tzinfo=UTC) if as_of is not None and as_of.tzinfo is None else as_of
    row, graph = index.data.row(who), index.graph
    account_id = index.data.account_id(row)
    near = relevance(index, account_id, chance=chance)
    out = left_out(index, _asking(index, row), (), inactive_days=inactive_days, as_of=when)
    spam, inactive, fields = out[Left.SPAM], out[Left.INACTIVE], nearest_fields(index, row)

    def crowd(rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Crowd:
        return count_crowd(index, rows, near, fields, spam=spam, inactive=inactive)

    fans = graph.followers(row).astype(np.int64)
    asked, strangers = _resolve(index, candidates)
    followers = crowd(fans)
    return Audience(
        account_id=account_id,
        username=index.data.username(row),
        threshold=near.threshold,
        chance=near.chance,
        base_share=float(near.passes.sum() / near.known.sum()) if near.known.any() else None,
        facets=own_fields(index, row),
        followers=followers,
        following=crowd(graph.following(row).astype(np.int64)),
        followers_count=index.data.accounts["followers_count"][row].as_py(),
        adding=None if candidates is None else crowd(np.setdiff1d(asked, [*fans.tolist(), row]).astype(np.int64)),
        strangers=strangers,
        influence=measure_influence(index, row, near, spam),
        simulation=simulate(index, row, near, chosen=chosen, random=random, random_share=random_share),
        notes=_notes(followers, strangers, int(np.isin(asked, [*fans.tolist(), row]).sum()), near.notes),
        settings=MappingProxyType(
            {
                "who": account_id,
                "candidates": None if candidates is None else [index.data.account_id(one) for one in asked.tolist()],
                "chance": near.chance,
                "inactive_days": inactive_days,
                "as_of": when.isoformat() if when else None,
                "chosen": chosen,
                "random": random,
                "random_share": random_share,
                "index": index.fingerprint,
            }
        ),
    )


def _asking(index: AccountIndex, row: int) -> Query:
    """The person and nothing else: who is spam or silent does not depend on what the person says."""
    nothing, nobody = np.zeros((0, index.bio_vectors.shape[1]), np.float32), np.zeros(0, np.int64)
    return Query(row, nothing, nothing[:, 0], nothing, (), nobody, nobody, nobody)


def _amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _resolve(
    index: AccountIndex, names: Iterable[str] | None
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], tuple[str, ...]]:
    """Rows of the accounts that the index holds, ascending, and the names of those it does not."""
    if isinstance(names, str):
        raise InvalidRequest("candidates is a list of accounts, not one text")
    rows: set[int] = set()
    strangers: set[str] = set()
    for name in names or ():
        try:
            rows.add(index.data.row(name))
        except UnknownAccount:
            strangers.add(str(name))
    return np.array(sorted(rows), dtype=np.int64), tuple(sorted(strangers))


def _notes(followers: Crowd, strangers: tuple[str, ...], there: int, near: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if there:
        notes.append(f"{there:,} of the accounts that were asked about follow already, and would add nothing")
    if not len(followers):
        notes.append("no follower of this account is in the index")
    elif followers.judged < len(followers):
        notes.append(
            f"{len(followers) - followers.judged:,} followers cannot be judged: they say nothing and follow hardly anybody here"
        )
    if strangers:
        notes.append(f"{len(strangers):,} of the accounts that were asked about are not in the index")
    return (*notes, *near)
