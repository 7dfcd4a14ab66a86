"""Eligibility: rules that leave accounts out, each with a typed code. What is left out stays in the result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.query import Query

__all__ = ["Dropped", "Left", "left_out", "reference_time", "unwelcome"]

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
    n, accounts = len(index), index.data.accounts

    def mask(rows: Iterable[int]) -> npt.NDArray[np.bool_]:
        flags = np.zeros(n, dtype=bool)
        flags[np.array(sorted(rows), dtype=np.int64)] = True
        return flags

    def partners(table: str, both_ways: bool) -> set[int]:
        if query.row is None:
            return set()
        source, target = index.data.pair_rows(table)
        found = set(target[source == query.row].tolist())
        return found | set(source[target == query.row].tolist()) if both_ways else found

    followed = [] if query.row is None else index.graph.following(query.row).tolist()
    return {
        Left.SELF: mask([] if query.row is None else [query.row]),
        Left.EXCLUDED: mask({*exclude, *query.seeds.tolist()}),
        Left.BLOCKED: mask(partners("blocks", both_ways=True)),
        Left.MUTED: mask(partners("mutes", both_ways=False)),
        Left.ALREADY_FOLLOWED: mask(followed),
        Left.PROTECTED: accounts["protected"].fill_null(False).to_numpy(),
        Left.OPTED_OUT: ~accounts["discoverable"].fill_null(True).to_numpy(),
        Left.SPAM: index.signals.spammers | _called_spam(index),
        Left.INACTIVE: _inactive(index, inactive_days, as_of),
    }


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
    past = last[(last != unknown) & (last <= clock)]  # a post from the future is a clock gone wrong, and no measure for others
    return int(past.max()) if past.size else clock


def _called_spam(index: AccountIndex) -> npt.NDArray[np.bool_]:
    """What the platform's moderators call spam, scam or impersonation, where a source has told (column `moderation`)."""
    accounts = index.data.accounts
    if "moderation" not in accounts.column_names or accounts["moderation"].type not in (pa.string(), pa.large_string()):
        return np.zeros(len(index), dtype=bool)
    called = pc.match_substring_regex(accounts["moderation"], r"\b(spam|scam|impersonation)\b")
    return called.fill_null(False).to_numpy(zero_copy_only=False).astype(bool)


def _inactive(index: AccountIndex, days: float | None, as_of: datetime | None) -> npt.NDArray[np.bool_]:
    last, unknown = index.signals.last_post, index.signals.UNKNOWN_TIME
    known = last != unknown
    if days is None or not known.any():
        return np.zeros(len(index), dtype=bool)
    return known & (last < reference_time(index, as_of) - days * _DAY)
