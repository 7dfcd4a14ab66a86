"""A crowd of accounts as an audience: who of them is relevant, alive and no spammer, and for which field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.chance import share_interval
from tweetfocus.kernels.similarity import best_per_group
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.relevance import Relevance

__all__ = ["Crowd", "Member", "count_crowd", "nearest_fields"]

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Member:
    """One account of a crowd.

    Attributes:
        account_id, username: who it is.
        relevance: in spreads of the null model, see `tweetfocus.ranking.relevance`; None where it cannot be judged.
        relevant: whether it reaches the threshold.
        active: whether it posted lately; None where no date is known.
        spam: whether it repeats links and talks with nobody.
        field: which of the person's fields is nearest; None for those that are not relevant.

    Example:
        >>> Member("7", "ana", 3.1, True, True, False, 0).effective
        True
    """

    account_id: str
    username: str | None
    relevance: float | None
    relevant: bool
    active: bool | None
    spam: bool
    field: int | None

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    @property
    def effective(self) -> bool:
        """Relevant, not known to be silent, and no spam."""
        return self.relevant and self.active is not False and not self.spam

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "relevance": self.relevance,
            "relevant": self.relevant,
            "active": self.active,
            "spam": self.spam,
            "effective": self.effective,
            "field": self.field,
        }


@dataclass(frozen=True, slots=True)
class Crowd:
    """A crowd, counted.

    Attributes:
        members: the most relevant first, ties by account id; those that cannot be judged last.
        judged: how many of them can be judged: something is known of what they say or whom they follow.
        relevant: how many of these reach the threshold.
        share: part of the judged that are relevant; None for none.
        interval: of the share, 95 % (Wilson); None for none.
        by_chance: how many of the judged the null model lets pass.
        spam, inactive, undated: how many are spam, silent, or without a date that says.
        effective: how many are relevant, not silent and no spam.
        by_field: how many of the effective are nearest to each of the person's fields.

    Example:
        >>> Crowd((), 0, 0, None, None, 0.0, 0, 0, 0, 0, ()).share is None
        True
    """

    members: tuple[Member, ...]
    judged: int
    relevant: int
    share: float | None
    interval: tuple[float, float] | None
    by_chance: float
    spam: int
    inactive: int
    undated: int
    effective: int
    by_field: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.members)

    def __str__(self) -> str:
        if not len(self):
            return "nobody"
        people = "1 account" if len(self) == 1 else f"{len(self):,} accounts"
        if self.share is None or self.interval is None:
            return f"{people}, of whom nobody can be judged"
        low, high = (f"{100 * end:.0f}" for end in self.interval)
        return (
            f"{people}, {self.judged:,} judged: {self.relevant:,} relevant ({100 * self.share:.0f} %, 95 % interval "
            f"{low} to {high}), {self.effective:,} effective"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "accounts": len(self),
            "judged": self.judged,
            "relevant": self.relevant,
            "share": self.share,
            "interval": None if self.interval is None else list(self.interval),
            "by_chance": self.by_chance,
            "spam": self.spam,
            "inactive": self.inactive,
            "undated": self.undated,
            "effective": self.effective,
            "by_field": list(self.by_field),
            "members": [member.to_dict() for member in self.members],
        }


def count_crowd(index: AccountIndex, rows: Rows, near: Relevance, fields: Rows, *, spam: Flags, inactive: Flags) -> Crowd:
    """Judge the accounts in `rows`.

    Args:
        index: the accounts.
        rows: the crowd.
        near: relevance of every account to the person.
        fields: (n,) see `nearest_fields`.
        spam: (n,) which accounts are spam.
        inactive: (n,) which are known to be silent.
    """
    undated = index.signals.last_post == index.signals.UNKNOWN_TIME
    values = np.nan_to_num(near.values[rows], nan=-np.inf)
    ordered = rows[np.lexsort((rows, -values))]
    members = tuple(_member(index, int(row), near, fields, spam, inactive, undated) for row in ordered)
    judged, relevant = int(near.known[rows].sum()), int(near.passes[rows].sum())
    effective = [member for member in members if member.effective]
    count = np.bincount([m.field for m in effective if m.field is not None], minlength=int(fields.max(initial=-1)) + 1)
    return Crowd(
        members=members,
        judged=judged,
        relevant=relevant,
        share=relevant / judged if judged else None,
        interval=share_interval(relevant, judged) if judged else None,
        by_chance=near.chance * judged,
        spam=int(spam[rows].sum()),
        inactive=int(inactive[rows].sum()),
        undated=int(undated[rows].sum()),
        effective=len(effective),
        by_field=tuple(map(int, count)),
    )


def _member(
    index: AccountIndex, row: int, near: Relevance, fields: Rows, spam: Flags, inactive: Flags, undated: Flags
) -> Member:
    return Member(
        account_id=index.data.account_id(row),
        username=index.data.username(row),
        relevance=float(near.values[row]) if near.known[row] else None,
        relevant=bool(near.passes[row]),
        active=None if undated[row] else not bool(inactive[row]),
        spam=bool(spam[row]),
        field=int(fields[row]) if near.passes[row] and fields[row] >= 0 else None,
    )


def nearest_fields(index: AccountIndex, row: int) -> Rows:
    """(n,) which field of the account in `row` is nearest to each account, in the topic space; -1 without text on either side.

    Example:
        >>> import tweetfocus as tf
        >>> people = [tf.Account(account_id="1", bio="Grids"), tf.Account(account_id="2", bio="Heat"), tf.Account(account_id="3")]
        >>> index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(), cache=False)
        >>> nearest_fields(index, 0).tolist()
        [0, 0, -1]
    """
    mine, _ = index.facet_vectors(row)
    if not len(mine):
        return np.full(len(index), -1, dtype=np.int64)
    places = index.space.place(index.facets.vectors)
    columns: Sequence[npt.NDArray[np.float32]] = [
        best_per_group(places @ centre, index.facets.offsets) for centre in index.space.place(mine)
    ]
    likeness = np.stack(columns, axis=1)
    known = np.isfinite(likeness).all(axis=1)
    return np.where(known, np.nan_to_num(likeness, nan=-2).argmax(axis=1), -1).astype(np.int64)
