"""What `audience` returns: who listens, whose listening counts, and the posts that show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tweetfocus.data.showing import dataframe, html_lists
from tweetfocus.index.building import Facet
from tweetfocus.ranking.crowd import Crowd
from tweetfocus.ranking.influence import Influence
from tweetfocus.ranking.labels import label
from tweetfocus.ranking.simulation import Simulation

__all__ = ["Audience"]

_SHOWN = 5


@dataclass(frozen=True, eq=False, repr=False)
class Audience:
    """Who listens to an account. What could not be judged is None, and `notes` say why.

    Attributes:
        account_id, username: who it is.
        threshold: relevance, in spreads of the null model, from which on an account counts as relevant.
        chance: the part of random pairs of accounts that reach it.
        base_share: part of the accounts in the index that are relevant: what a random one would be; None where none can be judged.
        facets: the fields of the account, the largest first; `Crowd.by_field` counts along them.
        followers, following: both crowds, as far as the index knows them.
        followers_count: what the platform says; None where unknown.
        adding: the crowd that was asked about, those who follow already left out; None where none was.
        strangers: accounts that were asked about and that the index does not hold.
        influence: as quality of engagement.
        simulation: a few chosen followers against many random ones; None where it cannot be told.
        notes: what the reader should know about the whole, such as missing evidence.
        settings: the request, and the index's fingerprint.

    Example:
        >>> import tweetfocus as tf
        >>> data = tf.Dataset.from_records([tf.Account(account_id="1", username="ana")], follows=[tf.Follow(source_id="2", target_id="1")])
        >>> tf.audience(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False), "@ana")
        Audience(@ana, 1 followers in this index, nobody can be judged)
    """

    account_id: str
    username: str | None
    threshold: float
    chance: float
    base_share: float | None
    facets: tuple[Facet, ...]
    followers: Crowd
    following: Crowd
    followers_count: int | None
    adding: Crowd | None
    strangers: tuple[str, ...]
    influence: Influence
    simulation: Simulation | None
    notes: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def label(self) -> str:
        """@username, or the account id; on one line."""
        return label(self.account_id, self.username)

    def __repr__(self) -> str:
        found = self.followers
        judged = f"{found.effective:,} effective" if found.judged else "nobody can be judged"
        return f"Audience({self.label}, {len(found):,} followers in this index, {judged})"

    def __str__(self) -> str:
        lines = [line for title, lines in self.sections() for line in (f"{title}:", *(f"  {x}" for x in lines))]
        return "\n".join([repr(self), *lines])

    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The findings in words: titles, each with its lines; what is empty is left out."""
        found = (
            ("followers", (*self._of(self.followers), *self._platform())),
            ("following", self._of(self.following)),
            (
                "what these accounts would add",
                () if self.adding is None else (*self._of(self.adding), *self._after(self.adding)),
            ),
            ("influence", self._influence()),
            ("who engages", tuple(str(one) for one in self.influence.exchanges[:_SHOWN] if one.points)),
            ("chosen or random", self._simulated()),
            ("note", self.notes),
        )
        return tuple((title, lines) for title, lines in found if lines)

    def _of(self, crowd: Crowd) -> tuple[str, ...]:
        lines = [str(crowd)]
        if crowd.judged and len(crowd):
            base = "" if self.base_share is None else f"; of all accounts here {_percent(self.base_share)} are relevant"
            lines.append(f"{crowd.spam:,} spam, {crowd.inactive:,} silent, {crowd.undated:,} without a date{base}")
        if len(crowd.by_field) > 1 and crowd.effective:
            names = [", ".join(facet.words[:3]) or "no telling words" for facet in self.facets]
            lines += [f"{count:,} nearest to {name}" for name, count in zip(names, crowd.by_field, strict=False)]
        return tuple(lines)

    def _platform(self) -> tuple[str, ...]:
        if self.followers_count is None or self.followers_count <= len(self.followers):
            return ()
        return (f"the platform counts {self.followers_count:,}: of the others nothing is known here",)

    def _after(self, adding: Crowd) -> tuple[str, ...]:
        before, more = self.followers, adding
        judged = before.judged + more.judged
        if not judged:
            return ()
        relevant = before.relevant + more.relevant
        effective = f"effective audience {before.effective:,} → {before.effective + more.effective:,}"
        was = "" if before.share is None else f"{_percent(before.share)} → "
        return (f"{effective}, relevant {was}{_percent(relevant / judged)}",)

    def _influence(self) -> tuple[str, ...]:
        found = self.influence
        quality = "" if found.quality is None else f", quality {_percent(found.quality)}"
        rank = "" if found.rank is None else f", more than {_percent(found.rank)} of your field"
        lines = [f"{found.score:.1f} points from {found.received:,} posts to you{quality}{rank}"]
        if found.followers is not None:
            lines.append(f"of this, {found.followers:,} followers make a factor of {found.reach:.3f} (1.1 at most)")
        lines.append(f"you addressed others {found.given:,} times: {found.giving:.1f} points by the same rule")
        return tuple(lines)

    def _simulated(self) -> tuple[str, ...]:
        if self.simulation is None:
            return ()
        found = self.simulation
        return (
            f"chosen by relevance: {found.chosen}",
            f"at random: {found.random}",
            f"the {found.chosen.accounts:,} hold more of your field unless {100 * found.break_even:.2g} % of random accounts belong to it",
            *(f"assumed: {text}" for text in found.assumptions),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON; what could not be judged is None."""
        return {
            "account_id": self.account_id,
            "username": self.username,
            "threshold": self.threshold,
            "chance": self.chance,
            "base_share": self.base_share,
            "facets": [{"share": f.share, "words": list(f.words), "posts": list(f.posts)} for f in self.facets],
            "followers": self.followers.to_dict(),
            "following": self.following.to_dict(),
            "followers_count": self.followers_count,
            "adding": None if self.adding is None else self.adding.to_dict(),
            "strangers": list(self.strangers),
            "influence": self.influence.to_dict(),
            "simulation": None if self.simulation is None else self.simulation.to_dict(),
            "notes": list(self.notes),
            "settings": dict(self.settings),
        }

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per account that follows or is followed, the most relevant followers first: what is known of each.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        columns = {
            "crowd": "text",
            "account_id": "text",
            "username": "text",
            "relevance": "number",
            **dict.fromkeys(("relevant", "active", "spam", "effective"), "flag"),
            "field": "count",
        }
        crowds = {"followers": self.followers, "following": self.following}
        records = [{"crowd": name, **one.to_dict()} for name, crowd in crowds.items() for one in crowd.members]
        return dataframe(records, columns, backend)

    def _repr_html_(self) -> str:
        return html_lists(repr(self), self.sections())


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
