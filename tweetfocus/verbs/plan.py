"""`plan`: whom to follow in the coming weeks, chosen together, in portions that a platform and good manners allow."""

from __future__ import annotations

import math
from datetime import date, datetime
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.data.memory import Memory, Remembered, days_from
from tweetfocus.errors import InvalidRequest
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.diversity import spread
from tweetfocus.ranking.eligibility import Dropped, Left, dropped_by, left_out
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.features import contributions
from tweetfocus.ranking.labels import one_line
from tweetfocus.ranking.pacing import WEEK, Limits, X, portions, room
from tweetfocus.ranking.planning import COVERAGE, nearest_facet, plan_parts, plan_reasons
from tweetfocus.ranking.query import Query, make_query
from tweetfocus.ranking.reasons import explain, weightiest_first
from tweetfocus.ranking.relevance import Relevance, relevance
from tweetfocus.ranking.together import choose
from tweetfocus.ranking.weights import Weights, default_weights
from tweetfocus.verbs.options import checked_as_of, checked_days, checked_number, checked_today
from tweetfocus.verbs.plan_items import Plan, Week
from tweetfocus.verbs.recommendations import Recommendation
from tweetfocus.verbs.remembered import by_row, put_off

__all__ = ["plan"]

_WORD = 36  # characters of a term
_GIVE_UP = 0.5  # points of score, so that each week has some of each field; as in `recommend`

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def plan(
    index: AccountIndex,
    who: str,
    *,
    n: int = 500,
    limits: Limits = X,
    a_day: int | None = None,
    memory: Memory | None = None,
    today: date | None = None,
    weights: Weights | None = None,
    inactive_days: float | None = 60,
    as_of: datetime | None = None,
) -> Plan:
    """Choose whom to follow, together, and lay them out in weekly portions.

    Chosen is the set with the largest sum of points: the score of `recommend`, how readily an account follows back, how often it was
    suggested already (which speaks against it), and coverage of the person's fields. Only accounts count that are relevant by
    the threshold of a null model, or of whom nobody can tell: where fewer than `n` are left, the plan is shorter.

    Args:
        index: the accounts.
        who: the person, by account id or @username.
        n: how many accounts, at most.
        limits: of the platform, `tweetfocus.ranking.pacing.X`, `BLUESKY`, `MASTODON`, or of your own.
        a_day: follows a day; by default the habit of `limits`. More than the platform allows is refused.
        memory: what the person was shown, has dismissed, put off or followed; none by default. It is read, not written:
            `memory.show(...)` remembers that a week was shown.
        today: the first day of the plan; today's date (UTC) by default.
        weights: of the features, see `learn`; `default_weights` by default.
        inactive_days: accounts whose last known post is older are left out; None keeps them.
        as_of: count those days back from here; by default from the newest post in the index.

    Returns:
        The weeks, with the reasons for everybody, and who was left out.

    Raises:
        UnknownAccount: `who` is not in the index.
        InvalidRequest: an option out of range.
        StorageError: the memory cannot be read.

    Example:
        >>> import tweetfocus as tf
        >>> from datetime import date
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.plan(index, "@mara_lindqvist", n=20, a_day=2, today=date(2026, 3, 2))
        >>> [str(week) for week in found]
        ['Week of 2026-03-02: 14 accounts, 2 a day', 'Week of 2026-03-09: 6 accounts, 1 a day']
    """
    checked_number("n", n)
    if not isinstance(limits, Limits):
        raise InvalidRequest(f"limits must be Limits, such as tweetfocus.ranking.pacing.X, not {limits!r}")
    pace = limits.a_day if a_day is None else checked_number("a_day", a_day)
    if limits.most_a_day is not None and pace > limits.most_a_day:
        raise InvalidRequest(f"{limits.platform} allows {limits.most_a_day:,} follows a day, not {pace:,}")
    silent, when, day = checked_days("inactive_days", inactive_days), checked_as_of(as_of), checked_today(today)

    query, row = make_query(index, who), index.data.row(who)
    evidence, shared = Evidence(index, query), relevance(index, who)
    known = by_row(index, row, memory)
    done = [at for at, said in known.items() if said.followed_on is not None]
    out = left_out(index, query, (), inactive_days=silent, as_of=when)
    fresh = [at for at in done if not out[Left.ALREADY_FOLLOWED][at]]  # followed since the dataset was made
    out[Left.ALREADY_FOLLOWED][done] = True
    out |= put_off(index, row, memory, day)
    out[Left.OFF_TOPIC] = shared.known & ~shared.passes
    out[Left.NO_EVIDENCE] = ~evidence.any
    rows = np.flatnonzero(~reduce(or_, out.values()))

    used = weights or default_weights()
    names, parts = contributions(evidence, rows, used.values)
    extra = plan_parts(evidence, rows, known, day)
    scores = parts.sum(axis=1) + sum(extra.values())
    facet = nearest_facet(evidence, rows)
    chosen, extra["coverage"] = choose(scores, facet, query.shares, n, coverage=COVERAGE)
    order = chosen[spread(scores[chosen], facet[chosen], query.shares, len(chosen), give_up=_GIVE_UP)]
    accounts = _recommendations(
        evidence,
        rows[order],
        [dict(zip(names, values, strict=True)) for values in parts[order].tolist()],
        [{name: float(values[at]) for name, values in extra.items() if values[at]} for at in order.tolist()],
    )

    following, followers = _counts(index, row, len(fresh))
    space, rule = room(limits, following=following, followers=followers)
    weeks, held = _weeks(accounts[:space], pace, day), tuple(accounts[space:])
    settings: dict[str, Any] = {
        "who": index.data.account_id(row),
        "n": n,
        "a_day": pace,
        "today": day.isoformat(),
        "following": following,
        "followers": followers,
        "room": space,
        "limits": {
            "platform": limits.platform,
            "most_a_day": limits.most_a_day,
            "free": limits.free,
            "ratio": limits.ratio,
            "source": limits.source,
            "read_on": limits.read_on.isoformat(),
            "habit": {"a_day": limits.a_day, "free": limits.habit_free, "ratio": limits.habit_ratio},
        },
        "inactive_days": inactive_days,
        "as_of": when.isoformat() if when else None,
        "threshold": shared.threshold,
        "weights": used.provenance,
        "index": index.fingerprint,
    }
    return Plan(
        weeks=weeks,
        waiting=held,
        dropped=tuple(_dropped(index, out, known)),
        coverage=MappingProxyType(_covered(query, facet[chosen])),
        notes=_notes(shared, rows[chosen], n, held, rule),
        settings=MappingProxyType(settings),
    )


def _recommendations(
    evidence: Evidence, rows: Ints, parts: list[dict[str, float]], extra: list[dict[str, float]]
) -> list[Recommendation]:
    told = evidence.index.data.records(rows, ("account_id", "username", "name", "bio"))
    ranked = explain(evidence, rows, parts)
    return [
        Recommendation(
            **who,
            score=sum(own.values()) + sum(added.values()),
            contributions=MappingProxyType(own | added),
            reasons=weightiest_first((*reasons, *plan_reasons(evidence, row, added))),
            found_by=("plan",),
        )
        for row, who, own, added, reasons in zip(rows.tolist(), told, parts, extra, ranked, strict=True)
    ]


def _counts(index: AccountIndex, row: int, fresh: int) -> tuple[int, int]:
    """Followings and followers of the person: those on the platform where known, else those in the index."""
    accounts, graph = index.data.accounts, index.graph
    following = accounts["following_count"][row].as_py() or 0
    followers = accounts["followers_count"][row].as_py()
    return max(following, int(graph.out_degree[row])) + fresh, int(graph.in_degree[row]) if followers is None else followers


def _weeks(accounts: list[Recommendation], a_day: int, start: date) -> tuple[Week, ...]:
    weeks, done = [], 0
    for number, count in enumerate(portions(len(accounts), a_day)):
        first = days_from(start, WEEK * number)
        weeks.append(Week(first, min(a_day, math.ceil(count / WEEK)), tuple(accounts[done : done + count])))
        done += count
    return tuple(weeks)


def _dropped(index: AccountIndex, out: dict[Left, npt.NDArray[np.bool_]], known: dict[int, Remembered]) -> list[Dropped]:
    """Who would be of the field and is left out, or was dismissed or put off; strangers of other fields are no news."""
    told = ~out[Left.OFF_TOPIC] & ~out[Left.NO_EVIDENCE]
    told[list(known)] = True
    masks: dict[Left, npt.NDArray[np.bool_]] = {
        code: flags for code, flags in out.items() if code not in (Left.SELF, Left.OFF_TOPIC, Left.NO_EVIDENCE)
    }
    return dropped_by(masks, index, np.flatnonzero(told & reduce(or_, masks.values())).tolist())


def _covered(query: Query, facet: Ints) -> dict[str, int]:
    """Field in words -> how many; two fields of the same words get their number."""
    named: dict[str, int] = {}
    for at, words in enumerate(query.words):
        name = ", ".join(one_line(word, _WORD) for word in words[:3]) or f"field {at + 1}"
        named[name if name not in named else f"{name} ({at + 1})"] = int((facet == at).sum())
    return named


def _notes(shared: Relevance, chosen: Ints, n: int, held: tuple[Recommendation, ...], rule: str) -> tuple[str, ...]:
    notes, found = list(shared.notes), len(chosen)
    unknown, judged = int((~shared.known[chosen]).sum()), bool(shared.known.any())
    if unknown and judged:  # where nobody can be judged, a note of `relevance` says so
        notes.append(f"of {_some(unknown, 'account')} nobody can tell the field: hardly any text and follows known")
    if found < n:
        whose = "that may be of your field" if unknown == found else "of your field"
        what = f"{_some(found, 'account')} {whose} left" if found else "nobody of your field is left"
        notes.append(f"{what} in this index, {n:,} asked for: collect more accounts of your field to find more")
    if held:
        notes.append(f"{_some(len(held), 'account')} wait until more people follow you ({rule})")
    return tuple(notes)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
