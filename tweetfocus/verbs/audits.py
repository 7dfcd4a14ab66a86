"""What `audit` returns: one account held against one or two fields, as numbers with the posts behind them and advice in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tweetfocus.data.showing import dataframe, html_lists
from tweetfocus.index.building import Facet
from tweetfocus.ranking.balance import Balance
from tweetfocus.ranking.changes import Change
from tweetfocus.ranking.labels import label, one_line
from tweetfocus.ranking.own_posts import PostRef
from tweetfocus.ranking.profile import Agreement
from tweetfocus.ranking.splitting import Split
from tweetfocus.ranking.topics import Quarter

__all__ = ["Audit"]


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """One account held against one or two professional fields. What could not be judged is None, and `notes` say why.

    Attributes:
        account_id, username, bio: who it is; all but the id may be None.
        posts: how many posts the index's dataset holds of it.
        judged: how many of them were embedded: they have words, are not repeated, and are among the newest.
        fields: the declared ones; empty where the account's own facets are taken.
        facets: the one or two fields of the account with share, telling words and nearest posts; two facets of the index are
            taken as one where no two interests can be told apart in it.
        focus: how alike two of its texts are in topic, in [0, 1].
        focus_rank: part of the accounts in the index that are less focused.
        on_topic: part of the judged posts that are nearer to the fields than nine in ten posts by anybody.
        off_topic: the posts than which three in ten by anybody are nearer, the farthest first.
        agreement: bio against posts, both ways.
        quarters: what each quarter was about, the oldest first.
        drift: how the fields' shares moved from the first quarter to the last one with ten posts, in words; None where they did not.
        split: whether the posts would be better off in several accounts, and which.
        balance: between private chat and a link engine, beside the accounts of the field.
        changes: what would help, the most important first; `top_changes` are three.
        notes: what the reader should know about the whole, such as missing evidence.
        settings: the request, and the index's fingerprint.

    Example:
        >>> import tweetfocus as tf
        >>> posts = [tf.Post(account_id="1", text="Grids and heat pumps")]
        >>> data = tf.Dataset.from_records([tf.Account(account_id="1", username="ana")], posts=posts)
        >>> found = tf.audit(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False), "@ana")
        >>> found, found.focus
        (Audit(@ana, 1 posts, too few posts to judge), None)
    """

    account_id: str
    username: str | None
    bio: str | None
    posts: int
    judged: int
    fields: tuple[str, ...]
    facets: tuple[Facet, ...]
    focus: float | None
    focus_rank: float | None
    on_topic: float | None
    off_topic: tuple[PostRef, ...]
    agreement: Agreement
    quarters: tuple[Quarter, ...]
    drift: str | None
    split: Split
    balance: Balance
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    @property
    def top_changes(self) -> tuple[Change, ...]:
        """The three changes that would help most."""
        return self.changes[:3]

    def __repr__(self) -> str:
        focus = "too few posts to judge" if self.focus is None else f"focus {self.focus:.2f}"
        return f"Audit({self.label}, {self.posts:,} posts, {focus})"

    def __str__(self) -> str:
        return "\n".join(
            [repr(self), *(line for title, lines in self.sections() for line in (f"{title}:", *(f"  {x}" for x in lines)))]
        )

    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The findings in words: titles, each with its lines; what is empty is left out."""
        focus = [] if self.focus is None else [_focus(self.focus, self.focus_rank)]
        if self.on_topic is not None:
            share = len(self.off_topic) / max(self.judged, 1)
            focus.append(f"{_percent(self.on_topic)} of {self.judged:,} posts on topic, {_percent(share)} off topic")
        agreement = []
        if self.agreement.agreement is not None:
            agreement.append(
                f"your bio fits your posts better than {_percent(self.agreement.agreement)} of the other bios here would"
            )
        if self.agreement.lacking:
            agreement.append(f"it promises what no post is about: {', '.join(self.agreement.lacking)}")
        for facet, hidden, hides in zip(self.facets, self.agreement.hidden, self.agreement.hides, strict=False):
            if hidden and self.bio and self.focus is not None:
                lacks = "says nothing of" if hides else "does not have these words of"
                agreement.append(f"it {lacks} {_percent(facet.share)} of your posts: {', '.join(hidden[:5])}")
        balance = [f"{self.balance.verdict}{_position(self.balance)}", *map(str, self.balance.measures)]
        found = (
            ("fields", tuple(filter(None, map(self._field, range(len(self.facets)))))),
            ("focus", tuple(focus)),
            ("bio and posts", tuple(agreement)),
            ("off topic, worst first", tuple(one_line(post.text, 90) for post in self.off_topic[:5])),
            ("by quarter", (*map(str, self.quarters[-6:]), *((self.drift,) if self.drift else ()))),
            ("one account or several", tuple(str(self.split).splitlines())),
            ("balance", tuple(balance) if self.balance.measures else (self.balance.verdict,)),
            ("what would help most", tuple(f"{place}. {change}" for place, change in enumerate(self.top_changes, 1))),
            ("note", self.notes),
        )
        return tuple((title, lines) for title, lines in found if lines)

    def _field(self, place: int) -> str:
        facet = self.facets[place]
        share = "" if self.focus is None else f"{_percent(facet.share)} "  # of too few posts no share is told
        name = f"{self.fields[place]}: " if self.fields else ""
        return one_line(f"{share}{name}{', '.join(facet.words)}")

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON; what could not be judged is None."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "bio": self.bio,
            "posts": self.posts,
            "judged": self.judged,
            "fields": list(self.fields),
            "facets": [
                {"share": None if self.focus is None else f.share, "words": list(f.words), "posts": list(f.posts)}
                for f in self.facets
            ],
            "focus": self.focus,
            "focus_rank": self.focus_rank,
            "on_topic": self.on_topic,
            "off_topic": [post.to_dict() for post in self.off_topic],
            "agreement": self.agreement.to_dict(),
            "quarters": [
                {
                    "quarter": q.quarter,
                    "posts": q.posts,
                    "shares": None if q.shares is None else list(q.shares),
                    "on_topic": q.on_topic,
                    "focus": q.focus,
                }
                for q in self.quarters
            ],
            "drift": self.drift,
            "split": self.split.to_dict(),
            "balance": self.balance.to_dict(),
            "changes": [change.to_dict() for change in self.changes],
            "notes": list(self.notes),
            "settings": dict(self.settings),
        }

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per quarter: posts, share on topic, focus, and the share of each field.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        fields = [f"share_{place}" for place in range(1, len(self.facets) + 1)]
        columns = {"quarter": "text", "posts": "count", "on_topic": "number", "focus": "number"}
        records = [
            {
                "quarter": q.quarter,
                "posts": q.posts,
                "on_topic": q.on_topic,
                "focus": q.focus,
                **dict(zip(fields, q.shares or (), strict=False)),
            }
            for q in self.quarters
        ]
        return dataframe(records, {**columns, **dict.fromkeys(fields, "number")}, backend)

    def _repr_html_(self) -> str:
        return html_lists(repr(self), self.sections())


def _focus(focus: float, rank: float | None) -> str:
    return f"{focus:.2f} of 1" + ("" if rank is None else f", more than {_percent(rank)} of the accounts here")


def _position(balance: Balance) -> str:
    if balance.position is None:
        return ""
    field = (
        ""
        if balance.peer_position is None
        else f", the middle of {balance.peers} accounts of your field {balance.peer_position:+.2f}"
    )
    return f": {balance.position:+.2f} (-1 is all chat, +1 all links{field})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
