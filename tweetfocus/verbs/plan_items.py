"""What `plan` returns: accounts chosen together, in weekly portions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, overload

from tweetfocus.data.showing import Section, dataframe, html_page
from tweetfocus.ranking.eligibility import Dropped
from tweetfocus.verbs.recommendations import Recommendation

__all__ = ["Plan", "Week"]


@dataclass(frozen=True, slots=True)
class Week:
    """One portion of a plan.

    Attributes:
        start: its first day.
        a_day: how many to follow on each day, at most.
        accounts: the portion, best first.

    Example:
        >>> print(Week(date(2026, 3, 2), 7, ()))
        Week of 2026-03-02: 0 accounts, 7 a day
    """

    start: date
    a_day: int
    accounts: tuple[Recommendation, ...]

    def __str__(self) -> str:
        count = "1 account" if len(self.accounts) == 1 else f"{len(self.accounts)} accounts"
        return f"Week of {self.start.isoformat()}: {count}, {self.a_day} a day"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        accounts = [account.to_dict() for account in self.accounts]
        return {"start": self.start.isoformat(), "a_day": self.a_day, "accounts": accounts}


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Sequence[Week]):
    """Whom to follow, week by week.

    Attributes:
        weeks: the portions, the next one first.
        waiting: chosen as well, but not before more people follow the person.
        dropped: who was left out, each with a code.
        coverage: field -> how many of the chosen belong to it.
        notes: what the reader should know about the whole.
        settings: the request, the limits with source and date, and the index's fingerprint.

    Example:
        >>> print(Plan((), (), (), {}, ("nobody to follow",), {}))
        Plan(0 accounts in 0 weeks)
        nobody to follow
    """

    weeks: tuple[Week, ...]
    waiting: tuple[Recommendation, ...]
    dropped: tuple[Dropped, ...]
    coverage: Mapping[str, int]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.weeks)

    def __iter__(self) -> Iterator[Week]:
        return iter(self.weeks)

    @overload
    def __getitem__(self, at: int) -> Week: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Week, ...]: ...
    def __getitem__(self, at: int | slice) -> Week | tuple[Week, ...]:
        """One week, or several."""
        return self.weeks[at]

    @property
    def accounts(self) -> tuple[Recommendation, ...]:
        """Everybody in the weeks, in order."""
        return tuple(account for week in self.weeks for account in week.accounts)

    def __repr__(self) -> str:
        held = f", {len(self.waiting)} waiting" if self.waiting else ""
        weeks = "1 week" if len(self) == 1 else f"{len(self)} weeks"
        return f"Plan({len(self.accounts)} accounts in {weeks}{held})"

    def __str__(self) -> str:
        lines = [repr(self), *self.notes]
        for week in self:
            lines += ["", f"{week}:", *(f"{place:3}. {account}" for place, account in enumerate(week.accounts, 1))]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
        return {
            "settings": dict(self.settings),
            "notes": list(self.notes),
            "coverage": dict(self.coverage),
            "weeks": [week.to_dict() for week in self],
            "waiting": [account.to_dict() for account in self.waiting],
            "dropped": [{"account_id": d.account_id, "username": d.username, "code": d.code.value} for d in self.dropped],
        }

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict of plain values per account, with the first day of its week."""
        return [{"week": week.start.isoformat(), **account.to_dict()} for week in self for account in week.accounts]

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per account, in the order of the weeks; those that wait have no week.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        columns = {
            "week": "text",
            "account_id": "text",
            "username": "text",
            "name": "text",
            "bio": "text",
            "score": "number",
            "reasons": "text",
        }
        weeks = [(week.start.isoformat(), week.accounts) for week in self]
        records = [
            {**one.to_dict(), "week": start, "reasons": " · ".join(map(str, one.reasons))}
            for start, accounts in [*weeks, (None, self.waiting)]
            for one in accounts
        ]
        return dataframe(records, columns, backend)

    def _repr_html_(self) -> str:
        columns = ("account", "score>", "why")
        sections = [
            Section(str(week), columns, [(a.label, f"{a.score:.2f}", tuple(map(str, a.reasons))) for a in week.accounts])
            for week in self
        ]
        return html_page(repr(self), self.notes, sections)
