"""Who spoke to whom: replies, reposts, quotes and mentions among the accounts of a dataset, by row number."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.dataset import Dataset

__all__ = ["KINDS", "Addresses", "Engagement", "find_addresses", "find_engagement", "is_reply", "is_repost"]

KINDS = ("reply", "repost", "quote", "mention")
_HANDLE = re.compile(r"(?<![\w@])@(\w{1,64})")
_WORD = r"[\pL\pN_]"  # what \w means to `re`; to Arrow it means ASCII
_REPOSTED = rf"^RT @(?P<name>{_WORD}+)"
_REPLIED = rf"^\.?@(?P<name>{_WORD}+)"

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Engagement:
    """One entry per (author, addressee, kind), ordered by addressee, then author, then kind.

    Attributes:
        indptr: (n + 1,) the entries addressed to row `i` are `indptr[i]:indptr[i + 1]`.
        authors: the row that spoke.
        kinds: position in `KINDS`.
        counts: in how many posts.

    Example:
        >>> from tweetfocus.data.records import Account, Post
        >>> people = [Account(account_id="1", username="ana"), Account(account_id="2", username="bo")]
        >>> talk = find_engagement(Dataset.from_records(people, posts=[Post(account_id="2", text="@ana which grid?")]))
        >>> talk.towards(0)
        {1: {'reply': 1}}
    """

    indptr: Ints
    authors: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.int8]
    counts: npt.NDArray[np.int32]

    def towards(self, row: int) -> dict[int, dict[str, int]]:
        """Who addressed `row`, and how often in which way."""
        found: dict[int, dict[str, int]] = {}
        for entry in range(int(self.indptr[row]), int(self.indptr[row + 1])):
            kinds = found.setdefault(int(self.authors[entry]), {})
            kinds[KINDS[self.kinds[entry]]] = int(self.counts[entry])
        return found


def is_repost(data: Dataset) -> npt.NDArray[np.bool_]:
    """(posts,) which posts are somebody else's words passed on."""
    marked = pc.is_valid(data.posts["repost_of_account_id"])
    flags: npt.NDArray[np.bool_] = pc.or_(marked, pc.match_substring_regex(data.posts["text"], _REPOSTED)).to_numpy()
    return flags


def is_reply(data: Dataset) -> npt.NDArray[np.bool_]:
    """(posts,) which posts answer somebody other than their own author."""
    posts = data.posts
    marked = pc.not_equal(posts["reply_to_account_id"], posts["account_id"]).fill_null(False)
    bare = pc.and_(pc.is_null(posts["reply_to_account_id"]), pc.match_substring_regex(posts["text"], f"^@{_WORD}"))
    flags: npt.NDArray[np.bool_] = pc.or_(marked, bare).to_numpy()
    return flags


def find_engagement(data: Dataset) -> Engagement:
    """Count who addressed whom in which way, see `find_addresses`."""
    n, found = len(data), find_addresses(data)
    key = (found.targets * max(n, 1) + data.post_authors[found.posts]) * len(KINDS) + found.kinds
    unique, counts = np.unique(key, return_counts=True)
    pair, kinds = unique // len(KINDS), unique % len(KINDS)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(pair // max(n, 1), minlength=n))]).astype(np.int64)
    return Engagement(indptr, (pair % max(n, 1)).astype(np.int32), kinds.astype(np.int8), counts.astype(np.int32))


@dataclass(frozen=True, eq=False, slots=True)
class Addresses:
    """Which post addresses whom, one entry per (post, addressee), ordered by both.

    Attributes:
        posts: row of `Dataset.posts`.
        targets: row of the account that is addressed; never the author.
        kinds: position in `KINDS`; the first that applies.
    """

    posts: Ints
    targets: Ints
    kinds: Ints


def find_addresses(data: Dataset) -> Addresses:
    """Read replies, reposts, quotes and mentions out of all posts; where a column is null, out of the text.

    Names that nobody has, or several, are passed over.

    Example:
        >>> from tweetfocus.data.records import Account, Post
        >>> people = [Account(account_id="1", username="ana"), Account(account_id="2", username="bo")]
        >>> found = find_addresses(Dataset.from_records(people, posts=[Post(account_id="2", text="@ana which grid?")]))
        >>> found.posts.tolist(), found.targets.tolist(), KINDS[found.kinds[0]]
        ([0], [0], 'reply')
    """
    posts = data.posts
    names = pc.utf8_lower(data.accounts["username"].combine_chunks())
    counts = pc.value_counts(names)
    shared = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    names = pc.if_else(pc.is_in(names, value_set=shared), None, names)  # nobody can tell whom such a name means
    found: list[tuple[Ints, Ints, int]] = []
    everyone = np.arange(posts.num_rows)

    def add(kind: str, at: Ints, targets: Ints) -> None:
        hit = targets >= 0
        found.append((at[hit], targets[hit], KINDS.index(kind)))

    def by_name(values: pa.Array | pa.ChunkedArray) -> Ints:
        rows: Ints = (
            pc.index_in(pc.utf8_lower(values), value_set=names, skip_nulls=True).fill_null(-1).to_numpy().astype(np.int64)
        )
        return rows

    for kind, column, pattern in (("reply", "reply_to_account_id", _REPLIED), ("repost", "repost_of_account_id", _REPOSTED)):
        add(kind, everyone, data.rows_of(posts[column]))
        unknown = posts.filter(pc.is_null(posts[column]))
        at = np.flatnonzero(posts[column].is_null().to_numpy())
        named = pc.struct_field(pc.extract_regex(unknown["text"].cast(pa.string()), pattern), "name")
        add(kind, at, by_name(named))
    add("quote", everyone, data.rows_of(posts["quote_of_account_id"]))

    at_mention: list[int] = []
    mentioned: list[str] = []
    listed = posts["mentions"]
    for position, text in zip(np.flatnonzero(listed.is_null().to_numpy()), _texts(posts, listed), strict=True):
        for name in set(_HANDLE.findall(text)) if "@" in text else ():
            at_mention.append(int(position))
            mentioned.append(name)
    add("mention", np.array(at_mention, dtype=np.int64), by_name(pa.array(mentioned, pa.string())))
    if listed.null_count < len(listed):
        flat, parent = pc.list_flatten(listed), pc.list_parent_indices(listed).to_numpy().astype(np.int64)
        by_id = data.rows_of(flat)
        add("mention", parent, np.where(by_id >= 0, by_id, by_name(pc.utf8_ltrim(flat, "@"))))

    post = np.concatenate([entry[0] for entry in found])
    target = np.concatenate([entry[1] for entry in found])
    kind_of = np.concatenate([np.full(len(entry[0]), entry[2]) for entry in found])
    keep = data.post_authors[post] != target
    # a post addresses a person in one way only: the first of KINDS that applies
    order = np.lexsort((kind_of[keep], target[keep], post[keep]))
    post, target, kind_of = (a[keep][order] for a in (post, target, kind_of))
    first = np.ones(len(post), dtype=bool)
    first[1:] = (post[1:] != post[:-1]) | (target[1:] != target[:-1])
    return Addresses(post[first], target[first], kind_of[first])


def _texts(posts: pa.Table, listed: pa.ChunkedArray) -> list[str]:
    texts: list[str] = posts["text"].filter(pc.is_null(listed)).to_pylist()
    return texts
