"""Doubts: what speaks against following an account any longer, with the evidence. Facts to look at, no verdict and no command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np

from tweetfocus.data.engagement import is_repost
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.labels import one_line
from tweetfocus.ranking.relevance import Relevance

__all__ = ["Doubt", "DoubtCode", "doubts_about"]

_SPAM = 0.8  # of `Signals.link_spam`, as in `eligibility`
_SELF = 0.5  # of `Signals.self_promotion`
_DAY = 86_400_000_000  # microseconds
_QUOTED = 120  # characters of a post
_POSTS = 2  # quoted
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DoubtCode(StrEnum):
    """What kind of doubt.

    Example:
        >>> DoubtCode.INACTIVE == "inactive"
        True
    """

    LINK_SPAM = "link_spam"
    ONLY_THEMSELVES = "only_themselves"
    OFF_TOPIC = "off_topic"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that speaks against following an account.

    Attributes:
        code: what kind.
        severity: in [0, 1].
        text: one sentence, on one line.
        evidence: quoted posts behind it.

    Example:
        >>> print(Doubt(DoubtCode.INACTIVE, 1.0, "No post for 300 days"))
        No post for 300 days
    """

    code: DoubtCode
    severity: float
    text: str
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


def doubts_about(
    index: AccountIndex, row: int, other: int, shared: Relevance, *, now: int, inactive_days: float | None, in_touch: bool
) -> tuple[Doubt, ...]:
    """What speaks against `row` following `other`, the gravest first; nothing where nothing is known.

    Args:
        index: the accounts.
        row: who follows.
        other: whom.
        shared: the relevance of everybody to `row`; where it cannot tell the field, nobody is of another one.
        now: microseconds since 1970.
        inactive_days: a last post this long ago is a doubt; None for never.
        in_touch: the two talk with each other: then another field is no doubt.
    """
    signals = index.signals
    found = []
    spam, own = float(signals.link_spam[other]), float(signals.self_promotion[other])
    if spam >= _SPAM:
        text = (
            f"Links in {_percent(signals.link_share[other])} of their own posts, {_percent(signals.repeat_share[other])} of them repeated; "
            f"{_percent(signals.alone_share[other])} address nobody"
        )
        found.append(Doubt(DoubtCode.LINK_SPAM, spam, text, _quotes(index, other)))
    elif own >= _SELF:
        text = (
            f"{_percent(signals.alone_share[other])} of their posts address nobody, "
            f"{_percent(signals.one_site_share[other])} of their links lead to one site"
        )
        found.append(Doubt(DoubtCode.ONLY_THEMSELVES, own, text, _quotes(index, other)))
    if shared.tells and shared.known[other] and shared.weights[other] == 0 and not in_touch:
        value = float(shared.values[other])
        text = f"Of another field: relevance {value:.1f}, where chance gives 0 and your field begins at {shared.threshold:.1f}"
        found.append(Doubt(DoubtCode.OFF_TOPIC, min((shared.threshold - value) / (2 * shared.threshold), 1.0), text))
    last = int(signals.last_post[other])
    if inactive_days is not None and last != signals.UNKNOWN_TIME and last < now - inactive_days * _DAY:
        when = _EPOCH + timedelta(microseconds=last)
        days = (now - last) // _DAY
        text = f"No post for {days:,} days, the last on {when:%Y-%m-%d}"
        found.append(Doubt(DoubtCode.INACTIVE, min(days / (4 * max(inactive_days, 1)), 1.0), text))
    return tuple(sorted(found, key=lambda doubt: -doubt.severity))


def _quotes(index: AccountIndex, row: int) -> tuple[str, ...]:
    """The newest posts of the account, in its own words."""
    data = index.data
    first, last = int(data.post_offsets[row]), int(data.post_offsets[row + 1])
    newest = range(last - 1, max(first, last - 50) - 1, -1)
    passed_on = is_repost(data)
    own = [data.posts["text"][post].as_py() for post in newest if not passed_on[post]]
    return tuple(f"“{one_line(text, _QUOTED)}”" for text in own[:_POSTS])


def _percent(share: float | np.floating) -> str:
    return f"{float(share):.0%}".replace("%", " %")
