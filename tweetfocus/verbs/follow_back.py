"""`follow_back`: which followers are worth following, whatever their size, and which followings a second look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.data.memory import Memory
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.courtesy import courtesy, courtesy_text
from tweetfocus.ranking.doubts import doubts_about
from tweetfocus.ranking.eligibility import Dropped, Left, left_out, reference_time
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.reasons import Reason, explain
from tweetfocus.ranking.relevance import Relevance, relevance
from tweetfocus.verbs.follow_back_items import FollowBack, FollowBacks, Reconsider
from tweetfocus.verbs.options import checked_as_of, checked_days, checked_number, checked_today
from tweetfocus.verbs.remembered import put_off

__all__ = ["follow_back"]

Floats = npt.NDArray[np.float64]


def follow_back(
    index: AccountIndex,
    who: str,
    *,
    n: int = 50,
    n_reconsider: int = 20,
    inactive_days: float | None = 60,
    reconsider_days: float | None = 180,
    memory: Memory | None = None,
    today: date | None = None,
    as_of: datetime | None = None,
) -> FollowBacks:
    """Followers not followed yet, by relevance x courtesy, and followings to look at again, with the evidence.

    Args:
        index: the accounts.
        who: the person, by account id or @username.
        n: how many followers to return, at most.
        n_reconsider: how many followings, at most.
        inactive_days: followers whose last known post is older are left out; None keeps them.
        reconsider_days: followings whose last known post is older get a second look; None for never.
        memory: what the person has dismissed or put off; none by default.
        today: for the memory; today's date (UTC) by default.
        as_of: count days of silence back from here; by default from the newest post in the index.

    Returns:
        How many followers an account has plays no role in the order, nor does how often it was seen. Where relevance or courtesy
        is unknown the account comes last, and its score is None. Followers of clearly another field are left out, `off_topic`; where
        hardly anybody in the index passes as relevant, the field cannot be judged, `notes` say so, and nobody is called off topic.

    Raises:
        UnknownAccount: `who` is not in the index.
        InvalidRequest: an option out of range.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.follow_back(index, "@mara_lindqvist")
        >>> [drop.code.value for drop in found.dropped].count("spam")
        8
        >>> all(follower.score is not None for follower in found.followers)
        True
    """
    for option, value in (("n", n), ("n_reconsider", n_reconsider)):
        checked_number(option, value)
    silent, forgotten = checked_days("inactive_days", inactive_days), checked_days("reconsider_days", reconsider_days)
    when, day = checked_as_of(as_of), checked_today(today)
    query = make_query(index, who)
    row, data = index.data.row(who), index.data
    shared, manners = relevance(index, who), courtesy(index, row)
    out = left_out(index, query, (), inactive_days=silent, as_of=when)
    out |= put_off(index, row, memory, day)
    judged = shared.known & shared.tells
    out[Left.OFF_TOPIC] = judged & (shared.weights == 0)
    followed = out.pop(Left.ALREADY_FOLLOWED)

    mine = index.graph.followers(row).astype(np.int64)
    mine = mine[~followed[mine]]
    barred = reduce(or_, out.values())
    kept = mine[~barred[mine]]
    scores = np.where(judged, shared.weights, np.nan) * manners
    unsure = shared.values if shared.tells else manners
    order = np.lexsort((kept, -np.nan_to_num(unsure[kept], nan=-np.inf), -np.nan_to_num(scores[kept], nan=-1)))
    evidence = Evidence(index, query)
    spoke = index.engagement.towards(row)
    best = kept[order][:n]
    # the topic in words, as `recommend` says it
    near = np.nan_to_num(evidence.facets[best]).tolist()
    topics = explain(evidence, best, [{"facets": cosine} for cosine in near])
    followers = tuple(
        _follower(index, shared, manners, r, scores, spoke.get(r, {}), topic)
        for r, topic in zip(best.tolist(), topics, strict=True)
    )

    never = (Left.BLOCKED, Left.MUTED, Left.PROTECTED, Left.OPTED_OUT)
    hidden = reduce(or_, (out[code] for code in never))
    theirs = index.graph.following(row).astype(np.int64)
    now = reference_time(index, when)
    fans = set(index.graph.followers(row).tolist())
    doubted = []
    for other in theirs[~hidden[theirs]].tolist():
        talked = other in spoke or row in index.engagement.towards(other)
        doubts = doubts_about(index, row, other, shared, now=now, inactive_days=forgotten, in_touch=talked)
        if doubts:
            doubted.append((other, Reconsider(data.account_id(other), data.username(other), doubts, other in fans)))
    doubted.sort(key=lambda pair: (-pair[1].severity, pair[0]))

    gone = {r: next(code for code, flags in out.items() if flags[r]) for r in mine[barred[mine]].tolist()}
    gone |= {r: next(code for code in never if out[code][r]) for r in theirs[hidden[theirs]].tolist()}
    settings: dict[str, Any] = {
        "who": data.account_id(row),
        "n": n,
        "n_reconsider": n_reconsider,
        "inactive_days": inactive_days,
        "reconsider_days": reconsider_days,
        "today": day.isoformat() if memory else None,
        "as_of": when.isoformat() if when else None,
        "threshold": shared.threshold,
        "index": index.fingerprint,
    }
    return FollowBacks(
        followers=followers,
        reconsider=tuple(item for _, item in doubted[:n_reconsider]),
        dropped=tuple(Dropped(data.account_id(r), data.username(r), code) for r, code in sorted(gone.items())),
        notes=_notes(index, row, shared, len(mine), (len(kept), n), (len(doubted), n_reconsider)),
        settings=MappingProxyType(settings),
    )


def _follower(
    index: AccountIndex,
    shared: Relevance,
    manners: Floats,
    row: int,
    scores: Floats,
    wrote: Mapping[str, int],
    topic: tuple[Reason, ...],
) -> FollowBack:
    judged = bool(shared.known[row] and shared.tells)
    reasons = [str(reason) for reason in topic] if judged and shared.passes[row] else []
    if not shared.known[row]:
        reasons.append("Nothing known of their field")
    elif not judged:
        reasons.append("Whether they are of your field cannot be judged here")
    elif not shared.passes[row]:
        reasons.append("At the edge of your field")
    return FollowBack(
        index.data.account_id(row),
        index.data.username(row),
        index.data.accounts["bio"][row].as_py(),
        _known(scores[row]),
        _known(shared.weights[row]) if judged else None,
        _known(manners[row]),
        (*reasons, *courtesy_text(index, row, wrote)),
    )


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _notes(
    index: AccountIndex, row: int, shared: Relevance, fans: int, kept: tuple[int, int], doubted: tuple[int, int]
) -> tuple[str, ...]:
    notes = list(shared.notes)
    if shared.known.any() and not shared.tells:
        notes.append("so nobody is left out or doubted as of another field, and followers come in the order of their courtesy")
    if not index.graph.in_degree[row]:
        notes.append("nobody in this index follows this account")
    elif not fans:
        notes.append("every follower in this index is followed already")
    elif not kept[0]:
        notes.append("no follower is left to follow back; see who was left out, and why")
    for (found, limit), what in ((kept, "followers to follow back"), (doubted, "followings to reconsider")):
        if found > limit:
            notes.append(f"{found - limit:,} more {what}; ask for more to see them")
    return tuple(notes)
