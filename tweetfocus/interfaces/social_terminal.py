"""Inbox, follow-backs and plans as text for a terminal: lists that fit 100 columns and read well without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tweetfocus.data.showing import printable
from tweetfocus.ranking.reasons import Reason
from tweetfocus.verbs.follow_back_items import FollowBacks
from tweetfocus.verbs.inbox_items import Inbox, Mention
from tweetfocus.verbs.plan_items import Plan
from tweetfocus.verbs.recommendations import Recommendation

__all__ = ["follow_back_text", "inbox_text", "plan_text"]

_POST = 240  # characters of a post
_REASONS = 3
_NAMED = 6  # people in one line


def inbox_text(found: Inbox) -> Group:
    """What waits, in order; then what else came in."""
    counts, parts = found.counts, Group()
    waiting = counts["questions"] + counts["comments"]
    _head(parts, f"Waiting for an answer: {waiting:,}" + _of(len(found.waiting), waiting))
    for kind in ("question", "comment"):
        own = [mention for mention in found.waiting if mention.kind.value == kind]
        if own:
            _sub(parts, f"{kind}s")
            _rows(parts, ((_when(m.created_at), m.label, m.text, (" · ".join(m.reasons),)) for m in own))
    for heading, items in (("Thanks", found.thanks), ("Passed your words on", found.reposts)):
        if items:
            _head(parts, f"{heading}: {_names(items)}")
    if found.worth_reposting:
        _head(parts, "Worth passing on")
        _rows(parts, ((_when(p.created_at), p.label, p.text, (p.reason,)) for p in found.worth_reposting))
    if found.never_answered:
        _head(
            parts,
            f"Never got a word back: {counts['never_answered']:,}" + _of(len(found.never_answered), counts["never_answered"]),
        )
        _rows(parts, (("", person.label, "", (" · ".join(person.reasons),)) for person in found.never_answered))
    rest = [f"{counts['answered']:,} answered", f"{counts['older']:,} older", f"{counts['other']:,} that need no answer"]
    out = Counter(left.code.value for left in found.left_out)
    rest += [f"{count:,} {code.replace('_', ' ')}" for code, count in sorted(out.items())]
    parts.renderables.append(Text(f"\nNot shown: {', '.join(rest)}."))
    return parts


def follow_back_text(found: FollowBacks) -> Group:
    """Followers first, then followings to look at again."""
    parts = Group()
    _head(parts, f"Followers you might follow back: {len(found.followers)}")
    _rows(
        parts,
        (
            ("?" if f.score is None else f"{f.score:.2f}", f.label, f.bio or "", f.reasons[: _REASONS + 1])
            for f in found.followers
        ),
    )
    if found.reconsider:
        _head(parts, f"Followings you might look at again: {len(found.reconsider)}")
        told = (
            (
                "",
                r.label,
                "",
                [line for doubt in r.doubts for line in (doubt.text, *doubt.evidence)] + ["Follows you"] * r.follows_back,
            )
            for r in found.reconsider
        )
        _rows(parts, told)
    if found.dropped:
        parts.renderables.append(Text(f"\nLeft out: {_codes(drop.code.value for drop in found.dropped)}."))
    return parts


def plan_text(found: Plan, weeks: int) -> Group:
    """The first weeks in full, the others as one line each."""
    parts = Group()
    shares = ", ".join(f"{count} of “{printable(field)}”" for field, count in found.coverage.items())
    count = "1 week" if len(found) == 1 else f"{len(found)} weeks"
    _head(parts, f"{len(found.accounts)} accounts in {count}" + (f": {shares}" if shares else ""))
    place = 0
    for number, week in enumerate(found):
        if number < weeks:
            _sub(parts, str(week))
            shown = (
                (str(place + at), account.label, account.bio or "", _reasons(account))
                for at, account in enumerate(week.accounts, 1)
            )
            _rows(parts, shown)
        else:
            parts.renderables.append(Text(("\n" if number == weeks else "") + f"{week}: {_names(week.accounts)}"))
        place += len(week.accounts)
    if found.waiting:
        _sub(parts, f"later: {_names(found.waiting)}")
    limits = found.settings["limits"]
    allowed = "no number of follows a day known" if limits["most_a_day"] is None else f"allows {limits['most_a_day']:,} a day"
    parts.renderables.append(
        Text(
            f"\n{limits['platform']} {allowed}; you follow {found.settings['following']:,}, {found.settings['followers']:,} follow you."
        )
    )
    if found.dropped:
        parts.renderables.append(Text(f"Left out: {_codes(drop.code.value for drop in found.dropped)}."))
    return parts


def _reasons(account: Recommendation) -> list[str]:
    """What they share, then the weightiest; and what speaks against the account."""
    order = sorted(account.reasons, key=lambda reason: "facets" not in reason.features)
    kept = [r for r in order if r.contribution > 0][:_REASONS]
    against: list[Reason] = [r for r in account.reasons if r.contribution < -0.2]
    return [reason.text for reason in kept + against]


def _head(parts: Group, text: str) -> None:
    parts.renderables.append(Text(f"\n{text}" if parts.renderables else text, style="bold"))


def _sub(parts: Group, text: str) -> None:
    parts.renderables.append(Text(f"\n{text}"))


def _rows(parts: Group, rows: Iterable[tuple[str, str, str, Iterable[str]]]) -> None:
    """Number or date, name, what was said, and what is known: one row each."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(width=24)
    table.add_column()
    for left, name, said, known in rows:
        text = Text(_cut(printable(said)))
        for line in known:
            text.append(("\n" if text else "") + printable(line), style="dim")
        table.add_row(left, Text(printable(name), style="bold"), text)
    if table.row_count:
        parts.renderables.append(Padding(table, (0, 0, 0, 1)))


def _names(people: Iterable[Mention | Recommendation]) -> str:
    names = list(dict.fromkeys(printable(person.label) for person in people))
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _codes(codes: Iterable[str]) -> str:
    counted = sorted(Counter(codes).items(), key=lambda code: (-code[1], code[0]))
    return ", ".join(f"{count} {code.replace('_', ' ')}" for code, count in counted)


def _of(shown: int, there: int) -> str:
    return f", the first {shown}" if shown < there else ""


def _when(time: datetime | None) -> str:
    return "no date" if time is None else f"{time:%Y-%m-%d}"


def _cut(text: str) -> str:
    return text if len(text) <= _POST else text[: _POST - 1].rstrip() + "…"
