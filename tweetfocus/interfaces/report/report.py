"""`report`: one HTML page with everything the verbs find about an account."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from os import PathLike
from pathlib import Path
from typing import Any

from tweetfocus.data.memory import Memory
from tweetfocus.data.tables import replacing
from tweetfocus.errors import InvalidRequest, StorageError
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.interfaces.report.page import MARK, render
from tweetfocus.interfaces.report.profiles import Profile, by_id
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.neighbourhood import Neighbourhood, find_neighbourhood
from tweetfocus.ranking.weights import Weights
from tweetfocus.verbs.audience import audience
from tweetfocus.verbs.audiences import Audience
from tweetfocus.verbs.audit import audit
from tweetfocus.verbs.audits import Audit
from tweetfocus.verbs.follow_back import follow_back
from tweetfocus.verbs.follow_back_items import FollowBacks
from tweetfocus.verbs.inbox import inbox
from tweetfocus.verbs.inbox_items import Inbox
from tweetfocus.verbs.options import checked_number, checked_today
from tweetfocus.verbs.recommend import recommend
from tweetfocus.verbs.recommendations import Recommendations

__all__ = ["Report", "check_target", "report"]

_MOST_POINTS = 20_000  # on the map; more are no longer fluent everywhere


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """One HTML page about an account, and the findings that it shows.

    Attributes:
        account_id, username: who it is about.
        recommendations, neighbourhood, audit, audience, inbox, follow_backs: the findings.
        html: the page. It needs nothing beside itself and asks no network for anything; equal findings make equal pages.

    Example:
        >>> import tempfile, tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.report(index, "@me", n=20, points=100)
        >>> path = found.save(tempfile.mkdtemp() + "/me.html")
        >>> path.name, found.audit.posts
        ('me.html', 60)
    """

    account_id: str
    username: str | None
    recommendations: Recommendations
    neighbourhood: Neighbourhood
    audit: Audit
    audience: Audience
    inbox: Inbox
    follow_backs: FollowBacks
    html: str

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __repr__(self) -> str:
        return f"Report({self.label}, {len(self.recommendations):,} accounts to follow, {len(self.html.encode()):,} bytes)"

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page to `path`, whole or not at all; an earlier report there is replaced, any other file is not.

        Raises:
            StorageError: no such folder, another file there, disk full, or no permission.
        """
        target = check_target(path)
        with replacing(target) as file:
            file.write(self.html.encode())
        return target

    def _repr_html_(self) -> str:
        """The page in a frame of its own, cut off from the notebook around it."""
        return (
            f'<iframe title="{html.escape(repr(self))}" sandbox="allow-scripts allow-popups" width="100%" height="720" '
            f'style="border:1px solid #8888" srcdoc="{html.escape(self.html)}"></iframe>'
        )


def check_target(path: str | PathLike[str]) -> Path:
    """The path as a place where a report may be written.

    Raises:
        StorageError: no such folder, or something there that is not a report.
    """
    target = Path(path)
    try:
        if "\0" in str(target):
            raise ValueError("a file name has no zero byte")
        if target.is_dir():
            raise StorageError(f"{target}: is a folder; name a file in it, such as {target / 'report.html'}")
        if not target.parent.is_dir():
            raise StorageError(f"{target}: there is no folder {target.parent}; make it first, or write somewhere else")
        if target.exists():
            with open(target, "rb") as file:
                begins = file.read(len(MARK))
            if begins != MARK.encode():
                raise StorageError(f"{target}: is there already, and no report; write somewhere else, or delete it first")
    except (OSError, ValueError) as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"{target}: cannot be written ({getattr(error, 'strerror', None) or error})") from error
    return target


def report(
    index: AccountIndex,
    who: str,
    *,
    n: int = 100,
    fields: Sequence[str] | None = None,
    points: int = 2000,
    weights: Weights | None = None,
    inactive_days: int | None = 60,
    as_of: datetime | None = None,
    memory: Memory | None = None,
    today: date | None = None,
    profile: Profile = by_id,
    progress: bool | None = None,
) -> Report:
    """Make one HTML page about an account: whom to follow, the map of its field, audit, audience, inbox and following back.

    Args:
        index: the accounts.
        who: account id or @username; `"@me"` is the account marked `is_me`.
        n: how many accounts to recommend, at most.
        fields: the fields that the account is meant for, in words, to audit it by; its own by default.
        points: accounts on the map, at most 20,000; the nearest ones.
        weights: of the features of `recommend`, see `learn`.
        inactive_days: accounts silent for longer are not recommended and no effective audience; None for no such limit.
        as_of: count days back from here; by default from the newest post in the index.
        memory: what the person has dismissed, put off or followed; none by default.
        today: for the memory; today's date (UTC) by default.
        profile: the https address of an account's profile by account id and username, or None for no link:
            `tweetfocus.interfaces.report.profiles` has `on_x`, `on_bluesky` and `on_mastodon("mastodon.social")`. By default only
            accounts of Bluesky are linked, whose ids say where they are.
        progress: draw a progress bar on standard error; by default when that is a terminal.

    Returns:
        The page, with the findings it was made of.

    Raises:
        UnknownAccount: `who` is not in the index.
        InvalidRequest: an option out of range.
        Mismatch: `fields` given, and the encoder at hand is not the one of the index.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.report(index, "@mara_lindqvist", n=20, points=100)
        >>> len(found.recommendations), found.html[:15]
        (20, '<!doctype html>')
    """
    from tqdm import tqdm

    if checked_number("points", points) > _MOST_POINTS:
        raise InvalidRequest(f"points must be a whole number from 1 to {_MOST_POINTS:,}, not {points!r}")
    row, day = index.data.row(who), checked_today(today)
    account_id = index.data.account_id(row)
    known = memory.of(account_id) if memory else {}
    aside = [one for one, said in known.items() if said.dismissed(day) or said.snoozed(day) or said.followed_on is not None]
    silence: dict[str, Any] = {"inactive_days": inactive_days, "as_of": as_of}
    shown = sys.stderr.isatty() if progress is None else progress
    with tqdm(total=7, desc="report", unit="part", disable=not shown) as bar:

        def done(part: str, make: Callable[[], Any]) -> Any:
            bar.set_postfix_str(part)
            found = make()
            bar.update()
            return found

        recs = done("whom to follow", lambda: recommend(index, account_id, n=n, exclude=aside, weights=weights, **silence))
        rows = [index.data.row(rec.account_id) for rec in recs]
        near = done("map", lambda: find_neighbourhood(index, account_id, points=points, keep=rows))
        judged = done("audit", lambda: audit(index, account_id, fields=fields))
        listens = done("audience", lambda: audience(index, account_id, **silence))
        waits = done("inbox", lambda: inbox(index, account_id, as_of=as_of))
        backs = done("follow back", lambda: follow_back(index, account_id, memory=memory, today=day, **silence))
        page = done("page", lambda: render(index, row, recs, near, judged, listens, waits, backs, profile))
    return Report(account_id, index.data.username(row), recs, near, judged, listens, waits, backs, page)
