"""What `recommend` returns: a sequence of recommendations that can be printed, shown in a notebook, and turned into plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, overload

from tweetfocus.data.showing import Section, dataframe, html_page
from tweetfocus.ranking.eligibility import Dropped
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.reasons import Reason

__all__ = ["Recommendation", "Recommendations"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One account worth following.

    Attributes:
        account_id, username, name, bio: who it is; all but the id may be None.
        score: the sum of the contributions.
        contributions: weight x feature, by feature.
        reasons: the contributions in words, the weightiest first.
        found_by: the generators that proposed it.

    Example:
        >>> print(Recommendation("7", "ana", "Ana", "Grids", 1.5, {"facets": 1.5}, (Reason(("facets",), 1.5, "Shares your field"),), ()))
        @ana (1.50): Shares your field
    """

    account_id: str
    username: str | None
    name: str | None
    bio: str | None
    score: float
    contributions: Mapping[str, float]
    reasons: tuple[Reason, ...]
    found_by: tuple[str, ...]

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __str__(self) -> str:
        return f"{self.label} ({self.score:.2f}): {'; '.join(map(str, self.reasons))}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "name": self.name,
            "bio": self.bio,
            "score": self.score,
            "contributions": dict(self.contributions),
            "reasons": [
                {"text": r.text, "features": list(r.features), "contribution": r.contribution, "evidence": list(r.evidence)}
                for r in self.reasons
            ],
            "found_by": list(self.found_by),
        }


@dataclass(frozen=True, eq=False, repr=False)
class Recommendations(Sequence[Recommendation]):
    """Recommendations, best first, with everything that was left out and the settings that made them.

    Attributes:
        items: the recommendations.
        dropped: accounts that were found and left out, each with its code.
        notes: what the reader should know about the whole, such as missing evidence.
        settings: the request, the weights' provenance and the index's fingerprint.
        timings: seconds that each stage took.

    Example:
        >>> recs = Recommendations((), (), ("nobody left",), {})
        >>> len(recs), print(recs)
        Recommendations(0 accounts, 0 left out)
        nobody left
        (0, None)
    """

    items: tuple[Recommendation, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]
    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.items)

    @overload
    def __getitem__(self, at: int) -> Recommendation: ...
    @overload
    def __getitem__(self, at: slice) -> Recommendations: ...
    def __getitem__(self, at: int | slice) -> Recommendation | Recommendations:
        """One recommendation, or the same result with some of them."""
        return replace(self, items=self.items[at]) if isinstance(at, slice) else self.items[at]

    def __repr__(self) -> str:
        return f"Recommendations({len(self)} accounts, {len(self.dropped)} left out)"

    def __str__(self) -> str:
        lines = [f"{place:3}. {rec}" for place, rec in enumerate(self, 1)]
        return "\n".join([repr(self), *self.notes, *lines])

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dict of plain values per recommendation."""
        return [rec.to_dict() for rec in self]

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per recommendation: rank, account, score, `contribution_` of each feature, the reasons as text.

        Args:
            backend: "pyarrow", "pandas", "polars", or another that narwhals can make of an Arrow table.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.

        Example:
            >>> Recommendations((), (), (), {}).to_frame().column_names[:3]
            ['rank', 'account_id', 'username']
        """
        features = sorted({name for rec in self for name in rec.contributions})
        columns = {
            "rank": "count",
            "account_id": "text",
            "username": "text",
            "name": "text",
            "bio": "text",
            "score": "number",
            **{f"contribution_{name}": "number" for name in features},
            "reasons": "text",
            "found_by": "text",
        }
        records = [
            {
                "rank": rank,
                "account_id": rec.account_id,
                "username": rec.username,
                "name": rec.name,
                "bio": rec.bio,
                "score": rec.score,
                **{f"contribution_{name}": rec.contributions.get(name, 0.0) for name in features},
                "reasons": " · ".join(map(str, rec.reasons)),
                "found_by": ", ".join(rec.found_by),
            }
            for rank, rec in enumerate(self, 1)
        ]
        return dataframe(records, columns, backend)

    def _repr_html_(self) -> str:
        rows = [(place, rec.label, f"{rec.score:.2f}", tuple(map(str, rec.reasons))) for place, rec in enumerate(self, 1)]
        return html_page(repr(self), self.notes, [Section("", ("#>", "account", "score>", "why"), rows)])
