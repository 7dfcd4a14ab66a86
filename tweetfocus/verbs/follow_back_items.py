"""What `follow_back` returns: followers one might follow, and followings one might look at again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tweetfocus.data.showing import Section, dataframe, html_page
from tweetfocus.ranking.doubts import Doubt
from tweetfocus.ranking.eligibility import Dropped
from tweetfocus.ranking.labels import label

__all__ = ["FollowBack", "FollowBacks", "Reconsider"]


@dataclass(frozen=True, slots=True)
class FollowBack:
    """A follower worth following back.

    Attributes:
        account_id, username, bio: who it is.
        score: relevance x courtesy, in [0, 1]; None where one of them is unknown.
        relevance: in [0, 1]; None where unknown.
        courtesy: in [0, 1]; None where unknown.
        reasons: what is known, in words.

    Example:
        >>> print(FollowBack("7", "ana", None, 0.5, 1.0, 0.5, ("Shares your field: grid",)))
        @ana (0.50): Shares your field: grid
    """

    account_id: str
    username: str | None
    bio: str | None
    score: float | None
    relevance: float | None
    courtesy: float | None
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __str__(self) -> str:
        score = "not enough known" if self.score is None else f"{self.score:.2f}"
        return f"{self.label} ({score}): {'; '.join(self.reasons)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "bio": self.bio,
            "score": self.score,
            "relevance": self.relevance,
            "courtesy": self.courtesy,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Reconsider:
    """An account that the person follows and might look at again.

    Attributes:
        account_id, username: who it is.
        doubts: what speaks against it, the gravest first.
        follows_back: whether it follows the person.

    Example:
        >>> from tweetfocus.ranking.doubts import DoubtCode
        >>> print(Reconsider("7", "ana", (Doubt(DoubtCode.INACTIVE, 1.0, "No post for 300 days"),), True))
        @ana: No post for 300 days
    """

    account_id: str
    username: str | None
    doubts: tuple[Doubt, ...]
    follows_back: bool

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    @property
    def severity(self) -> float:
        """The sum of the doubts."""
        return sum(doubt.severity for doubt in self.doubts)

    def __str__(self) -> str:
        return f"{self.label}: {'; '.join(map(str, self.doubts))}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "severity": self.severity,
            "follows_back": self.follows_back,
            "doubts": [
                {"code": d.code.value, "severity": d.severity, "text": d.text, "evidence": list(d.evidence)}
                for d in self.doubts
            ],
        }


@dataclass(frozen=True, eq=False, repr=False)
class FollowBacks:
    """Followers worth following back, and followings worth a second look.

    Attributes:
        followers: those not followed yet, best first.
        reconsider: those followed with doubts, the gravest first. Evidence to look at, never a command.
        dropped: followers and followings that are not judged, each with its code.
        notes: what the reader should know about the whole.
        settings: the request, and the index's fingerprint.

    Example:
        >>> print(FollowBacks((), (), (), ("nobody follows this account",), {}))
        FollowBacks(0 followers to follow back, 0 followings to reconsider)
        nobody follows this account
    """

    followers: tuple[FollowBack, ...]
    reconsider: tuple[Reconsider, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"FollowBacks({len(self.followers)} followers to follow back, {len(self.reconsider)} followings to reconsider)"

    def __str__(self) -> str:
        lines = [repr(self), *self.notes]
        for heading, items in self._sections():
            if items:
                lines += ["", f"{heading}:", *(f"{place:3}. {item}" for place, item in enumerate(items, 1))]
        return "\n".join(lines)

    def _sections(self) -> list[tuple[str, tuple[FollowBack, ...] | tuple[Reconsider, ...]]]:
        return [
            ("Followers you might follow back", self.followers),
            ("Followings you might look at again", self.reconsider),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
        return {
            "settings": dict(self.settings),
            "notes": list(self.notes),
            "followers": self.to_dicts(),
            "reconsider": [item.to_dict() for item in self.reconsider],
            "dropped": [{"account_id": d.account_id, "username": d.username, "code": d.code.value} for d in self.dropped],
        }

    def to_dicts(self) -> list[dict[str, Any]]:
        """The followers, one dict of plain values each."""
        return [item.to_dict() for item in self.followers]

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per follower to follow back, best first.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        columns = {
            "account_id": "text",
            "username": "text",
            "bio": "text",
            "score": "number",
            "relevance": "number",
            "courtesy": "number",
            "reasons": "text",
        }
        records = [{**one.to_dict(), "reasons": " · ".join(one.reasons)} for one in self.followers]
        return dataframe(records, columns, backend)

    def _repr_html_(self) -> str:
        followers = [(one.label, "?" if one.score is None else f"{one.score:.2f}", one.reasons) for one in self.followers]
        doubted = [(one.label, tuple(map(str, one.doubts))) for one in self.reconsider]
        (first, _), (second, _) = self._sections()
        sections = [Section(first, ("account", "score>", "why"), followers), Section(second, ("account", "doubts"), doubted)]
        return html_page(repr(self), self.notes, sections)
