"""Eligibility: rules that leave accounts out, each with a typed code. What is left out stays in the result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.query import Query

__all__ = ["Dropped", "Left", "dropped_by", "left_out", "reference_time", "unwelcome"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1) // _MICROSECOND


class Left(StrEnum):
    """Why an account was left out; where several reasons apply, the first of this list is given.

    Example:
        >>> Left.PROTECTED == "protected"
        True
    """

    SELF = "self"
    EXCLUDED = "excluded"
    BLOCKED = "blocked"
    MUTED = "muted"
    ALREADY_FOLLOWED = "already_followed"
    PROTECTED = "protected"
    OPTED_OUT = "opted_out"
    SPAM = "spam"
    INACTIVE = "inactive"
    DISMISSED = "dismissed"
    SNOOZED = "snoozed"
    OFF_TOPIC = "off_topic"
    NO_EVIDENCE = "no_evidence"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Dropped:
    """An account that was found and left out.

    Example:
        >>> print(Dropped("7", "ana", Left.INACTIVE))
        @ana: inactive
    """

    account_id: str
    username: str | None
    code: Left

    def __str__(self) -> str:
        return f"{label(self.account_id, self.username)}: {self.code}"


def left_out(
    index: AccountIndex, query: Query, exclude: Iterable[int], *, inactive_days: float | None, as_of: datetime | None
) -> dict[Left, npt.NDArray[np.bool_]]:
    """(n,) masks by code, in order of precedence, for all that neither needs the evidence nor a memory of earlier suggestions.

    Args:
        index: the accounts.
        query: who asks.
        exclude: rows that the caller does not want.
        inactive_days: accounts whose last known post is older are inactive; None to keep them. No date, no verdict.
        as_of: counted back from here; by default from the newest post in the index, so that the answer does not age with the index.
    """

    def mask(rows: Collection[int] | npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        flags = np.zeros(len(index), dtype=bool)
        flags[np.fromiter(rows, dtype=np.int64, count=len(rows))] = True
        return flags

    me = -1 if query.row is None else query.row  # nobody's row
    (blocker, blocked), (muter, muted) = index.data.block_rows, index.data.mute_rows
    return {
        Left.SELF: mask([] if query.row is None else [query.row]),
        Left.EXCLUDED: mask({*exclude, *query.seeds.tolist()}),
        Left.BLOCKED: mask([*blocked[blocker == me], *blocker[blocked == me]]),
        Left.MUTED: mask(muted[muter == me]),
        Left.ALREADY_FOLLOWED: mask([] if query.row is None else index.graph.following(query.row)),
        Left.PROTECTED: index.data.protected,
        Left.OPTED_OUT: index.data.opted_out,
        Left.SPAM: index.signals.spammers | index.data.called_spam,
        Left.INACTIVE: _inactive(index, inactive_days, as_of),
    }


def dropped_by(masks: Mapping[Left, npt.NDArray[np.bool_]], index: AccountIndex, rows: Sequence[int]) -> list[Dropped]:
    """Each of `rows` with the code of the first mask that leaves it out; one of them must."""
    codes = list(masks)
    first = np.array([masks[code][rows] for code in codes]).argmax(axis=0)
    told = index.data.records(rows, ("account_id", "username"))
    return [Dropped(**who, code=codes[at]) for who, at in zip(told, first.tolist(), strict=True)]


def unwelcome(index: AccountIndex, query: Query) -> dict[Left, npt.NDArray[np.bool_]]:
    """The masks of `left_out` that hold for followers and followings as well: blocked, muted, protected, opted out, spam."""
    out = left_out(index, query, (), inactive_days=None, as_of=None)
    return {code: out[code] for code in (Left.BLOCKED, Left.MUTED, Left.PROTECTED, Left.OPTED_OUT, Left.SPAM)}


def reference_time(index: AccountIndex, as_of: datetime | None) -> int:
    """Microseconds since 1970 from which ages are counted: `as_of`, or else the newest post that is not from the future."""
    if as_of is not None:
        return (as_of - _EPOCH) // _MICROSECOND
    last, unknown = index.signals.last_post, index.signals.UNKNOWN_TIME
    clock = (datetime.now(UTC) - _EPOCH) // _MICROSECOND
    # a post from the future is a clock gone wrong, and no measure for others
    newest = int(last.max(where=last <= clock, initial=unknown))
    return clock if newest == unknown else newest


def _inactive(index: AccountIndex, days: float | None, as_of: datetime | None) -> npt.NDArray[np.bool_]:
    last, unknown = index.signals.last_post, index.signals.UNKNOWN_TIME
    if days is None:
        return np.zeros(len(index), dtype=bool)
    return np.asarray((last != unknown) & (last < reference_time(index, as_of) - days * _DAY))
