"""Sentences of the page that no verb says: what each code means, and numbers as people read them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tweetfocus.ranking.eligibility import Dropped, Left
from tweetfocus.ranking.labels import label, one_line

__all__ = ["LEFT", "capital", "left_out", "line", "many", "number", "percent", "signed", "when"]

LEFT: Mapping[str, str] = {
    Left.SELF: "you",
    Left.EXCLUDED: "dismissed, put off, followed since, or excluded by you",
    Left.BLOCKED: "blocked by you, or blocking you",
    Left.MUTED: "muted by you",
    Left.ALREADY_FOLLOWED: "followed by you already",
    Left.PROTECTED: "protected: their posts are for people they approved",
    Left.OPTED_OUT: "not to be found or recommended: their own wish",
    Left.SPAM: "link spam: hardly anything but repeated links, and no word to anybody; or called spam by moderators",
    Left.INACTIVE: "silent for too long",
    Left.DISMISSED: "dismissed by you",
    Left.SNOOZED: "put off by you to a later day",
    Left.OFF_TOPIC: "clearly of another field",
    Left.NO_EVIDENCE: "nothing is known that speaks for or against them",
    Left.UNKNOWN: "not in this index",
}
_UNNAMED = {Left.PROTECTED, Left.OPTED_OUT}  # who does not want to be found is counted, not named
_NAMED = 40
_NAME = 60


def left_out(dropped: Iterable[Dropped]) -> list[dict[str, Any]]:
    """By code, the most frequent first: how many, what it means, and some of the names."""
    known = list(dropped)
    counts = Counter(drop.code for drop in known)
    found = []
    for code, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        named = [] if code in _UNNAMED else [label(d.account_id, d.username, _NAME) for d in known if d.code == code][:_NAMED]
        found.append({"code": code.value.replace("_", " "), "why": LEFT[code], "count": count, "names": named})
    return found


def percent(share: float | None) -> str:
    """A share as a whole percentage; a dash for what is not known.

    Example:
        >>> percent(0.256), percent(None)
        ('26 %', '–')
    """
    return "–" if share is None or not math.isfinite(share) else f"{100 * share:.0f} %"


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands apart; a dash for what is not known.

    Example:
        >>> number(12345), number(0.256, 2)
        ('12,345', '0.26')
    """
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def signed(value: float | None, digits: int = 2) -> str:
    """A number with its sign, with a true minus.

    Example:
        >>> signed(0.5), signed(-1.25)
        ('+0.50', '−1.25')
    """
    return "–" if value is None or not math.isfinite(value) else f"{value:+.{digits}f}".replace("-", "−")


def many(count: int, one: str, more: str | None = None) -> str:
    """A count with its noun.

    Example:
        >>> many(1, "post"), many(2, "reply", "replies")
        ('1 post', '2 replies')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def when(time: datetime | None) -> str:
    """A day as in ISO 8601."""
    return "no date" if time is None else f"{time:%Y-%m-%d}"


def capital(text: str) -> str:
    """The text with a capital first letter, the rest as it is.

    Example:
        >>> capital("in dbt and SQL")
        'In dbt and SQL'
    """
    return text[:1].upper() + text[1:]


def line(text: str | None, most: int = 240) -> str:
    r"""Text of others on one line, without marks that turn the direction of reading; at most 1.5 bytes for each of `most` characters.

    So a page has a size that it cannot exceed, also where a character takes three bytes and says as much as a word.

    Example:
        >>> line("Heat pumps,\n all day", 20), len(line("\u96fb" * 100, 60).encode()) <= 90
        ('Heat pumps, all day', True)
    """
    short = one_line(text or "", most)
    while (size := len(short.encode())) > 1.5 * most:
        short = one_line(short, int(len(short) * 1.5 * most / size) - 1)
    return short
