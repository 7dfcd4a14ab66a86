"""Mentions, posts and people of an inbox as values, with what is known of them in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.data.correspondence import UNDATED, Correspondence
from tweetfocus.data.engagement import KINDS
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.mention_kinds import MentionKind, mention_kind
from tweetfocus.ranking.courtesy import courtesy_text
from tweetfocus.ranking.labels import one_line
from tweetfocus.ranking.query import Query
from tweetfocus.ranking.relevance import Relevance
from tweetfocus.ranking.reposts import Passable
from tweetfocus.ranking.waiting import waiting_parts
from tweetfocus.verbs.inbox_items import Contact, Mention, RepostCandidate

__all__ = ["Teller"]

_REPOST = KINDS.index("repost")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORD = 36  # characters of a term
_GROUPS = {
    MentionKind.QUESTION: "questions",
    MentionKind.COMMENT: "comments",
    MentionKind.THANKS: "thanks",
    MentionKind.REPOST: "reposts",
    MentionKind.OTHER: "other",
}

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Teller:
    """Mentions, posts and people as values, with what is known of them in words."""

    def __init__(self, index: AccountIndex, row: int, query: Query, shared: Relevance, manners: Floats, now: int) -> None:
        self.index, self.row, self.query, self.shared, self.manners, self.now = index, row, query, shared, manners, now
        self.spoke = index.engagement.towards(row)
        self.follows_me = np.zeros(len(index), dtype=bool)
        self.follows_me[index.graph.followers(row)] = True

    def groups(self, found: Correspondence, wanted: Flags) -> dict[str, Ints]:
        """Positions of the wanted mentions by what they are for, in order: what may be answered by score, the rest by date."""
        places = np.flatnonzero(wanted)
        texts = self.index.data.posts["text"].take(pa.array(found.posts[places])).to_pylist()
        kinds = np.array(
            [
                MentionKind.REPOST if kind == _REPOST else mention_kind(text)
                for kind, text in zip(found.kinds[places].tolist(), texts, strict=True)
            ],
            dtype=object,
        )
        scores = sum(self.parts(found).values(), np.zeros(len(found.posts)))
        groups: dict[str, Ints] = {}
        for kind, name in _GROUPS.items():
            of = places[kinds == kind]
            first = scores if kind in (MentionKind.QUESTION, MentionKind.COMMENT) else found.times
            groups[name] = of[np.lexsort((found.posts[of], -first[of].astype(np.float64)))]
        return groups

    def parts(self, found: Correspondence) -> dict[str, Floats]:
        """What the score of each mention is made of."""
        return waiting_parts(found.authors, found.times, relevance=self.shared.weights, courtesy=self.manners, now=self.now)

    def mentions(self, found: Correspondence, groups: dict[str, Ints], names: Iterable[str], n: int) -> tuple[Mention, ...]:
        """The first `n` mentions of the named groups."""
        kinds = {name: kind for kind, name in _GROUPS.items()}
        parts = self.parts(found)
        chosen = [(place, kinds[name]) for name in names for place in groups[name][:n].tolist()]
        return tuple(
            self._mention(found, place, kind, {name: float(values[place]) for name, values in parts.items()})
            for place, kind in chosen[:n]
        )

    def _mention(self, found: Correspondence, place: int, kind: MentionKind, parts: dict[str, float]) -> Mention:
        post, author = int(found.posts[place]), int(found.authors[place])
        (account_id, username), (post_id, text, created_at) = self._who(author), self._what(post, int(found.times[place]))
        return Mention(
            account_id=account_id,
            username=username,
            post_id=post_id,
            text=text,
            created_at=created_at,
            kind=kind,
            way=KINDS[int(found.kinds[place])],
            score=sum(parts.values()),
            contributions=MappingProxyType(parts),
            reasons=self._about(author),
        )

    def _who(self, row: int) -> tuple[str, str | None]:
        return self.index.data.account_id(row), self.index.data.username(row)

    def _what(self, post: int, time: int) -> tuple[str, str, datetime | None]:
        posts = self.index.data.posts
        return posts["post_id"][post].as_py(), posts["text"][post].as_py(), _when(time)

    def _about(self, author: int) -> tuple[str, ...]:
        told = ["Shares your field"] if self.shared.passes[author] else []
        told += ["Follows you"] if self.follows_me[author] else []
        return (*told, *courtesy_text(self.index, author, self.spoke.get(author, {})))

    def repost(self, item: Passable) -> RepostCandidate:
        """A post worth passing on, and why."""
        posts = self.index.data.posts
        time = posts["created_at"].cast("int64")[item.post].as_py()
        words = [one_line(word, _WORD) for word in self.query.words[item.facet][:3]]
        reason = f"On your field “{', '.join(words)}”" if words else "On your field"
        known = UNDATED if time is None or time > self.now else time
        (account_id, username), (post_id, text, created_at) = self._who(item.author), self._what(item.post, known)
        return RepostCandidate(
            account_id=account_id,
            username=username,
            post_id=post_id,
            text=text,
            created_at=created_at,
            score=item.score,
            contributions=MappingProxyType(item.parts),
            reason=reason,
        )

    def never_answered(self, found: Correspondence, welcome: Flags) -> list[int]:
        """Rows of those who spoke to the person and never got a word back, by relevance and courtesy."""
        answered = set(found.addressed.tolist())
        people = [row for row in self.spoke if welcome[row] and row not in answered]
        return sorted(people, key=lambda row: (-self._worth(row), row))

    def _worth(self, row: int) -> float:
        return float(self.shared.weights[row] + np.nan_to_num(self.manners[row]))

    def contact(self, found: Correspondence, row: int) -> Contact:
        """Somebody who never got a word back."""
        last = int(found.times[found.authors == row].max())
        return Contact(*self._who(row), MappingProxyType(self.spoke[row]), _when(last), self._worth(row), self._about(row))


def _when(time: int) -> datetime | None:
    return None if time == UNDATED else _EPOCH + timedelta(microseconds=time)
