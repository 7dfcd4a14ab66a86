"""What `inbox` returns: mentions that wait, what else came in, posts worth passing on, people never answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tweetfocus.data.showing import Section, dataframe, html_page
from tweetfocus.index.mention_kinds import MentionKind
from tweetfocus.ranking.eligibility import Left
from tweetfocus.ranking.labels import label, one_line

__all__ = ["Contact", "Inbox", "LeftPost", "Mention", "RepostCandidate"]

_QUOTED = 200  # characters of a post in text and HTML


@dataclass(frozen=True, slots=True)
class Mention:
    """A post of somebody else that addresses the person.

    Attributes:
        account_id, username: who wrote it.
        post_id, text, created_at: what and when; the date is None where it is unknown or in the future.
        kind: what it is for, by the rules of `tweetfocus.index.mention_kinds`.
        way: "reply", "quote", "mention" or "repost".
        score: the sum of the contributions; it orders mentions of one kind.
        contributions: relevance, courtesy and freshness, each in [0, 1].
        reasons: what is known of the author, in words.

    Example:
        >>> print(Mention("7", "ana", "1", "@bo which grid?", None, MentionKind.QUESTION, "reply", 1.5, {}, ("Follows you",)))
        @ana asks: “@bo which grid?” (Follows you)
    """

    account_id: str
    username: str | None
    post_id: str
    text: str
    created_at: datetime | None
    kind: MentionKind
    way: str
    score: float
    contributions: Mapping[str, float]
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __str__(self) -> str:
        verbs = {MentionKind.QUESTION: "asks", MentionKind.THANKS: "thanks", MentionKind.REPOST: "passes on"}
        why = f" ({'; '.join(self.reasons)})" if self.reasons else ""
        return f"{self.label} {verbs.get(self.kind, 'says')}: “{one_line(self.text, _QUOTED)}”{why}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "post_id": self.post_id,
            "text": self.text,
            "created_at": _iso(self.created_at),
            "kind": self.kind.value,
            "way": self.way,
            "score": self.score,
            "contributions": dict(self.contributions),
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class RepostCandidate:
    """A follower's post that is worth passing on.

    Attributes:
        account_id, username: who wrote it.
        post_id, text, created_at: what and when.
        score: the sum of the contributions.
        contributions: topic, relevance of the author, and freshness, each in [0, 1].
        reason: why, in words.

    Example:
        >>> print(RepostCandidate("7", "ana", "1", "Feeders, explained", None, 1.5, {}, "On your field “grid”"))
        @ana: “Feeders, explained” (On your field “grid”)
    """

    account_id: str
    username: str | None
    post_id: str
    text: str
    created_at: datetime | None
    score: float
    contributions: Mapping[str, float]
    reason: str

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __str__(self) -> str:
        return f"{self.label}: “{one_line(self.text, _QUOTED)}” ({self.reason})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "post_id": self.post_id,
            "text": self.text,
            "created_at": _iso(self.created_at),
            "score": self.score,
            "contributions": dict(self.contributions),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who spoke to the person and never got a word back.

    Attributes:
        account_id, username: who.
        spoke: "reply", "repost", "quote" or "mention" -> in how many posts.
        last: the newest of them, where its date is known.
        score: relevance plus courtesy.
        reasons: what is known of them, in words.

    Example:
        >>> print(Contact("7", "ana", {"repost": 2}, None, 1.0, ("Reposted you 2 times",)))
        @ana (Reposted you 2 times)
    """

    account_id: str
    username: str | None
    spoke: Mapping[str, int]
    last: datetime | None
    score: float
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __str__(self) -> str:
        return f"{self.label} ({'; '.join(self.reasons)})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "spoke": dict(self.spoke),
            "last": _iso(self.last),
            "score": self.score,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class LeftPost:
    """A mention that is not shown because of who wrote it.

    Example:
        >>> print(LeftPost("7", "ana", "12", Left.MUTED))
        @ana, post 12: muted
    """

    account_id: str
    username: str | None
    post_id: str
    code: Left

    def __str__(self) -> str:
        return f"{label(self.account_id, self.username)}, post {one_line(self.post_id)}: {self.code}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "post_id": self.post_id,
            "code": self.code.value,
        }


@dataclass(frozen=True, eq=False, repr=False)
class Inbox:
    """What came in and waits for a word, and what is worth one.

    Attributes:
        waiting: questions and comments without an answer, in the order that matters.
        thanks: thanks and praise without an answer, the newest first.
        reposts: who passed the person's words on, the newest first.
        other: what no answer is due to: laughter, greetings, bare links, advertisements.
        worth_reposting: posts of followers, on topic and in their own words.
        never_answered: people who spoke to the person and never got a word back, whatever they said.
        left_out: mentions that are not shown because of who wrote them, each with its code.
        counts: how many there are of everything, before any limit; `answered` and `older` ones are counted only.
        notes: what the reader should know about the whole.
        settings: the request, and the index's fingerprint.

    Example:
        >>> import tweetfocus as tf
        >>> people = [tf.Account(account_id="1", username="ana"), tf.Account(account_id="2", username="bo")]
        >>> data = tf.Dataset.from_records(people, posts=[tf.Post(account_id="2", text="@ana which grid?")])
        >>> index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
        >>> tf.inbox(index, "@ana")
        Inbox(1 waiting: 1 question, 0 comments)
    """

    waiting: tuple[Mention, ...]
    thanks: tuple[Mention, ...]
    reposts: tuple[Mention, ...]
    other: tuple[Mention, ...]
    worth_reposting: tuple[RepostCandidate, ...]
    never_answered: tuple[Contact, ...]
    left_out: tuple[LeftPost, ...]
    counts: Mapping[str, int]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    def __repr__(self) -> str:
        asked, said = self.counts["questions"], self.counts["comments"]
        return f"Inbox({asked + said} waiting: {_some(asked, 'question')}, {_some(said, 'comment')})"

    def __str__(self) -> str:
        lines = [repr(self), *self.notes]
        for heading, items in self._sections():
            if items:
                lines += ["", f"{heading}:", *(f"{place:3}. {item}" for place, item in enumerate(items, 1))]
        return "\n".join(lines)

    def _sections(self) -> list[tuple[str, tuple[Any, ...]]]:
        return [
            ("Waiting for an answer", self.waiting),
            ("Thanks", self.thanks),
            ("Passed your words on", self.reposts),
            ("Worth passing on", self.worth_reposting),
            ("Never thanked or answered", self.never_answered),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
        return {
            "settings": dict(self.settings),
            "notes": list(self.notes),
            "counts": dict(self.counts),
            "waiting": [item.to_dict() for item in self.waiting],
            "thanks": [item.to_dict() for item in self.thanks],
            "reposts": [item.to_dict() for item in self.reposts],
            "other": [item.to_dict() for item in self.other],
            "worth_reposting": [item.to_dict() for item in self.worth_reposting],
            "never_answered": [item.to_dict() for item in self.never_answered],
            "left_out": [item.to_dict() for item in self.left_out],
        }

    def to_dicts(self) -> list[dict[str, Any]]:
        """The mentions that wait, one dict of plain values each."""
        return [item.to_dict() for item in self.waiting]

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per mention: those that wait, in order, then thanks, reposts and others.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        columns = {
            "kind": "text",
            "account_id": "text",
            "username": "text",
            "post_id": "text",
            "created_at": "time",
            "text": "text",
            "score": "number",
            "reasons": "text",
        }
        mentions = (*self.waiting, *self.thanks, *self.reposts, *self.other)
        records = [{**one.to_dict(), "created_at": one.created_at, "reasons": " · ".join(one.reasons)} for one in mentions]
        return dataframe(records, columns, backend)

    def _repr_html_(self) -> str:
        mentions = ("who", "what", "why")
        sections = [
            Section(heading, mentions, [(one.label, one.text, one.reasons) for one in items if isinstance(one, Mention)])
            for heading, items in self._sections()[:3]
        ]
        passed = [(one.label, one.text, one.reason) for one in self.worth_reposting]
        unanswered = [(one.label, one.reasons) for one in self.never_answered]
        sections += [
            Section(self._sections()[3][0], mentions, passed),
            Section(self._sections()[4][0], ("who", "why"), unanswered),
        ]
        return html_page(repr(self), self.notes, sections)


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
