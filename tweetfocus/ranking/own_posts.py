"""`OwnPosts`: the posts of one account, each with its kind, its links, its time, and its place among the topics where it was embedded."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.engagement import is_reply, is_repost
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.signals import addresses_somebody, links_of
from tweetfocus.ranking.labels import one_line

__all__ = ["KINDS", "OwnPosts", "PostRef", "kinds_of", "own_posts", "quarter_of", "same_link"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

KINDS = ("original", "reply", "repost", "quote")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NONE: frozenset[str] = frozenset()
_TRACKING = ("utm_", "fbclid", "gclid", "ref_src", "mc_")


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post that a result points to.

    Attributes:
        post_id: of the dataset, which makes one up from the text where there was none.
        text: as it reads, HTML entities resolved.
        kind: one of `KINDS`.
        created_at: None where unknown.
        topic: how near it is to the person's fields, in spreads of the null model: 0 is as near as anybody's post; None where unknown.

    Example:
        >>> print(PostRef("7", "Tomatoes again.", "original", None, -0.5))
        original 7: Tomatoes again.
    """

    post_id: str
    text: str
    kind: str
    created_at: datetime | None
    topic: float | None

    def __str__(self) -> str:
        return f"{self.kind} {self.post_id}: {one_line(self.text, 120)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        when = self.created_at.isoformat() if self.created_at else None
        return {"post_id": self.post_id, "text": self.text, "kind": self.kind, "created_at": when, "topic": self.topic}


@dataclass(frozen=True, eq=False)
class OwnPosts:
    """The posts of one account, in the order of the dataset: by time.

    Attributes:
        table: their rows of `Dataset.posts`.
        kinds: (p,) positions in `KINDS`.
        addressed: (p,) which answer or mention somebody.
        links: the links of each.
        times: (p,) microseconds since 1970; the smallest int64 where unknown.
        embedded: (e,) ascending positions among the p posts.
        places: (e, t) unit rows, where each embedded post lies among the topics.
        future: how many claim to be later than now: their time is left out.
    """

    table: pa.Table
    kinds: npt.NDArray[np.int8]
    addressed: Flags
    links: tuple[tuple[str, ...], ...]
    times: Ints
    embedded: Ints
    places: npt.NDArray[np.float32]
    future: int

    UNKNOWN_TIME = int(np.iinfo(np.int64).min)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def is_kind(self, kind: str) -> Flags:
        """(p,) which are of this kind."""
        return np.asarray(self.kinds == KINDS.index(kind))

    @cached_property
    def linked(self) -> Flags:
        """(p,) which are words of one's own, answers included, with a link."""
        return np.fromiter(map(bool, self.links), bool, len(self)) & ~self.is_kind("repost")

    @cached_property
    def pages(self) -> tuple[frozenset[str], ...]:
        """The links of each of the `linked` posts, differences of tracking aside; empty for the others."""
        known = {url: same_link(url) for post in np.flatnonzero(self.linked) for url in self.links[post]}
        return tuple(
            frozenset(known[url] for url in self.links[post]) if self.linked[post] else _NONE for post in range(len(self))
        )

    @cached_property
    def page_counts(self) -> dict[str, int]:
        """How many posts carry each of the `pages`."""
        return dict(Counter(url for urls in self.pages for url in urls))

    def refs(self, posts: Sequence[int] | Ints, topics: Sequence[float] | Floats | None = None) -> tuple[PostRef, ...]:
        """Posts as values; a topic that is NaN, or none given, becomes None."""
        chosen = np.asarray(posts, dtype=np.int64)
        records = self.table.select(["post_id", "text", "created_at"]).take(pa.array(chosen)).to_pylist()
        near = np.full(len(chosen), np.nan) if topics is None else np.asarray(topics, dtype=np.float64)
        return tuple(
            PostRef(
                post["post_id"],
                html.unescape(post["text"]),
                KINDS[kind],
                post["created_at"],
                topic if np.isfinite(topic) else None,
            )
            for post, kind, topic in zip(records, self.kinds[chosen], near.tolist(), strict=True)
        )

    def id_of(self, post: int) -> str:
        """The id of one post."""
        return str(self.table["post_id"][post].as_py())


def own_posts(index: AccountIndex, row: int) -> OwnPosts:
    """Gather the posts of the account in `row`.

    Example:
        >>> import tweetfocus as tf
        >>> data = tf.Dataset.from_records([tf.Account(account_id="1")], posts=[tf.Post(account_id="1", text="Grids and heat pumps")])
        >>> posts = own_posts(tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False), 0)
        >>> len(posts), posts.places.shape[0], posts.refs([0])[0].kind
        (1, 1, 'original')
    """
    first, last = (int(end) for end in index.data.post_offsets[row : row + 2])
    table = index.data.posts.slice(first, last - first)
    data = replace(index.data, posts=table)
    times = table["created_at"].cast("int64").fill_null(OwnPosts.UNKNOWN_TIME).to_numpy().copy()
    later = times > (datetime.now(UTC) - _EPOCH) // _MICROSECOND
    times[later] = OwnPosts.UNKNOWN_TIME
    own = slice(int(index.post_offsets[row]), int(index.post_offsets[row + 1]))
    return OwnPosts(
        table=table,
        kinds=kinds_of(data),
        addressed=addresses_somebody(data),
        links=tuple(map(tuple, links_of(data))),
        times=times,
        embedded=np.asarray(index.post_rows[own], dtype=np.int64) - first,
        places=index.space.place(index.post_vectors[own]),
        future=int(later.sum()),
    )


def kinds_of(data: Any) -> npt.NDArray[np.int8]:
    """(posts,) position in `KINDS`: a repost whatever else it is, then an answer, then a quote, then one's own."""
    quoted = pc.is_valid(data.posts["quote_of_account_id"]).to_numpy(zero_copy_only=False)
    kinds = np.where(quoted, KINDS.index("quote"), KINDS.index("original"))
    kinds = np.where(is_reply(data), KINDS.index("reply"), kinds)
    return np.where(is_repost(data), KINDS.index("repost"), kinds).astype(np.int8)


def same_link(url: str) -> str:
    """The link without what only says where it was clicked, so that the same page counts as the same.

    Example:
        >>> same_link("https://Grid.example/a/?utm_source=x&id=3#top")
        'https://grid.example/a?id=3'
    """
    try:
        parts = urlsplit(url)
        query = urlencode([(k, v) for k, v in parse_qsl(parts.query) if not k.lower().startswith(_TRACKING)])
    except ValueError:
        return url
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/"), query, ""))


def quarter_of(time: int) -> str:
    """The quarter of a time in microseconds since 1970.

    Example:
        >>> quarter_of(0)
        '1970-Q1'
    """
    when = _EPOCH + timedelta(microseconds=time)
    return f"{when.year}-Q{(when.month + 2) // 3}"
