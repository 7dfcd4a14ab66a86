"""Would somebody's posts be better off in several accounts? Only where the interests are real; and if they are not, it says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.names import name_words
from tweetfocus.kernels.chance import lower_null, one_in
from tweetfocus.kernels.interests import concentration
from tweetfocus.kernels.partition import Partition, halves_share, partition
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.ranking.fit_words import fit_words
from tweetfocus.ranking.own_fields import sample_texts
from tweetfocus.ranking.own_posts import OwnPosts, PostRef
from tweetfocus.ranking.topics import FEWEST, Topics

__all__ = ["ProposedAccount", "Split", "propose_split"]

_CHANCE = 0.05  # of accounts with one interest would seem to have two
_WIDEST = 0.45  # how alike two interests may be at most, as in `find_facets`
_NARROWEST = 0.1  # a lower limit says that the encoder tells no topics apart
_ENOUGH = 10  # posts of an account that says how far one interest falls apart
_COMPARED = 200  # such accounts, evenly spaced
_FEWEST_COMPARED = 20
_SMALLEST = 0.05  # part of the posts
_ONE_LANGUAGE = 0.8  # of the posts of a group
_MOST = 10  # accounts
_EXAMPLES = 3
_NEEDED = 2 * FEWEST


@dataclass(frozen=True, slots=True)
class ProposedAccount:
    """One account that some of the posts would make.

    Attributes:
        field: the declared field, or None.
        words: the terms that tell these posts from the others.
        share: part of the posts.
        focus: how alike two of them are in topic.
        gain: how much more that is than for all posts together.
        post_ids: the posts.
        posts: how many.
        examples: the posts nearest to the middle.
        bio: how near in topic the bio is to them, as a cosine; None without one.

    Example:
        >>> print(ProposedAccount(None, ("heat pumps", "grid"), 0.4, 0.6, 0.25, ("1", "2"), 2, ()))
        heat pumps, grid: 2 posts (40 %), focus 0.60 (+0.25)
    """

    field: str | None
    words: tuple[str, ...]
    share: float
    focus: float
    gain: float
    post_ids: tuple[str, ...]
    posts: int
    examples: tuple[PostRef, ...]
    bio: float | None = None

    def __str__(self) -> str:
        about = self.field or ", ".join(self.words) or "no telling words"
        share = f"{self.share:.0%}".replace("%", " %")
        return f"{about}: {self.posts:,} posts ({share}), focus {self.focus:.2f} ({self.gain:+.2f})"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "field": self.field,
            "words": list(self.words),
            "share": self.share,
            "focus": self.focus,
            "gain": self.gain,
            "posts": self.posts,
            "post_ids": list(self.post_ids),
            "examples": [post.to_dict() for post in self.examples],
            "bio": self.bio,
        }


@dataclass(frozen=True, slots=True)
class Split:
    """Whether to split, and how.

    Attributes:
        advised: three interests or more are real: one account should keep to one or two.
        accounts: one for each real interest, the largest first; empty where there is only one.
        verdict: the finding in words.
        shared: how alike posts of the two nearest interests are, as part of how alike those of one are (of the cut that was
            refused, where none is real); None where nothing could be cut.
        limit: of `shared`, from a null model: of other accounts cut in two, one in twenty falls apart so far.
        stable: part of the posts that stay together when each half of them draws the borders by itself.
        unsorted: posts with words that belong to none of the declared fields.

    Example:
        >>> Split(False, (), "too few posts", None, None, None, 0).advised
        False
    """

    advised: bool
    accounts: tuple[ProposedAccount, ...]
    verdict: str
    shared: float | None
    limit: float | None
    stable: float | None
    unsorted: int

    @property
    def refused(self) -> bool:
        """Whether there were enough posts to look for a second interest, and none was real."""
        return not self.accounts and self.limit is not None

    @property
    def untold(self) -> bool:
        """Whether no two interests can be told apart in this index."""
        return self.limit is not None and self.limit < _NARROWEST

    def __str__(self) -> str:
        return "\n".join([self.verdict, *(f"  {account}" for account in self.accounts)])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "advised": self.advised,
            "verdict": self.verdict,
            "accounts": [account.to_dict() for account in self.accounts],
            "shared": self.shared,
            "limit": self.limit,
            "stable": self.stable,
            "unsorted": self.unsorted,
        }


def propose_split(index: AccountIndex, row: int, posts: OwnPosts, topics: Topics) -> Split:
    """Look for the real interests in the posts of `row`: enough posts, well separated, and found again in other samples.

    Example:
        >>> import tweetfocus as tf
        >>> from tweetfocus.ranking.own_posts import own_posts
        >>> from tweetfocus.ranking.topics import find_topics
        >>> data = tf.Dataset.from_records([tf.Account(account_id="1")], posts=[tf.Post(account_id="1", text="Grids and heat pumps")])
        >>> index = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(), cache=False)
        >>> posts = own_posts(index, 0)
        >>> propose_split(index, 0, posts, find_topics(index, 0, posts)).verdict
        'too few posts to judge: 1 with words in it, and it takes 10'
    """
    many = len(posts.places)
    if many < _NEEDED:
        it = "it" if many == 1 else "them"
        return Split(
            False, (), f"too few posts to judge: {many} with words in {it}, and it takes {_NEEDED}", None, None, None, 0
        )
    if topics.names:
        return _by_declared_fields(index, row, posts, topics)
    limit = _limit(index, row)
    if limit < _NARROWEST:
        verdict = "further interests cannot be told: in this index, posts of one interest fall apart as far as those of two"
        return Split(False, (), verdict, None, limit, None, 0)
    fewest = max(FEWEST, round(_SMALLEST * many))
    found, finer = partition(posts.places, fewest=fewest, limit=limit, most=_MOST)
    if found.groups == 1:
        return Split(False, (), _refused(finer, limit, fewest), *_measures(finer, limit), 0)
    accounts = _accounts(index, row, posts, found.labels, [None] * found.groups)
    if found.groups == 2:
        verdict = "two real interests: one account may hold both; two accounts would each be more focused"
    else:
        verdict = f"{found.groups} real interests: too many for one account, which should keep to one or two"
    verdict += _languages(posts, found.labels)
    return Split(found.groups > 2, accounts, verdict, *_measures(found, limit), 0)


def _languages(posts: OwnPosts, labels: npt.NDArray[np.int64]) -> str:
    """A word of caution where the groups differ in language: a model that knows one of them hears the other as a topic."""
    spoken = np.array([lang or "" for lang in posts.table["lang"].take(pa.array(posts.embedded)).to_pylist()])
    main = set()
    for group in range(int(labels.max()) + 1):
        names, counts = np.unique(spoken[labels == group], return_counts=True)
        main |= {str(names[counts.argmax()])} if counts.max() >= _ONE_LANGUAGE * counts.sum() else set()
    return "; they differ in language, which a model may take for a topic" if len(main - {""}) > 1 else ""


def _by_declared_fields(index: AccountIndex, row: int, posts: OwnPosts, topics: Topics) -> Split:
    labels = np.where(topics.off, -1, topics.labels)
    counted = np.bincount(labels[labels >= 0], minlength=len(topics.names))
    kept = np.flatnonzero(counted >= FEWEST)
    labels = np.where(np.isin(labels, kept), np.searchsorted(kept, labels), -1)
    left = int((labels < 0).sum())
    lacking = [name for name, count in zip(topics.names, counted, strict=True) if count < FEWEST]
    short = f"; fewer than {FEWEST} posts are about {', '.join(lacking)}" if lacking else ""
    if len(kept) < 2:
        return Split(False, (), f"nothing to split by your fields{short}", None, None, None, left)
    accounts = _accounts(index, row, posts, labels, [topics.names[field] for field in kept])
    verdict = f"your fields would make {len(kept)} accounts{short}"
    return Split(len(kept) > 2, accounts, verdict, None, None, None, left)


def _limit(index: AccountIndex, row: int) -> float:
    """How far apart the halves of an account must be to be more than the two halves of one interest."""
    writers = np.flatnonzero(np.diff(index.post_offsets) >= _ENOUGH)
    writers = writers[writers != row]
    if len(writers) < _FEWEST_COMPARED:
        return _WIDEST
    chosen = writers[np.unique(np.linspace(0, len(writers) - 1, min(len(writers), _COMPARED)).round().astype(np.int64))]
    ends = index.post_offsets
    halves = [
        halves_share(index.space.place(index.post_vectors[ends[w] : ends[w + 1]]), fewest=FEWEST) for w in chosen.tolist()
    ]
    centre, spread = lower_null(-np.array(halves))
    return float(min(_WIDEST, -centre - one_in(_CHANCE) * spread)) if np.isfinite(centre) else _WIDEST


def _refused(finer: Partition | None, limit: float, fewest: int) -> str:
    if finer is None:
        return f"one interest: further ones would have fewer than {fewest} posts"
    if finer.shared > limit:
        why = f"their posts are {finer.shared:.0%} as alike as those of one interest, and at most {limit:.0%} would do".replace(
            "%", " %"
        )
    else:
        why = f"cut again from other posts, only {finer.stable:.0%} of them stay together".replace("%", " %")
    return f"further interests are not real enough: {why}"


def _measures(found: Partition | None, limit: float) -> tuple[float | None, float, float | None]:
    return (found.shared, limit, found.stable) if found else (None, limit, None)


def _accounts(
    index: AccountIndex, row: int, posts: OwnPosts, labels: npt.NDArray[np.int64], names: Sequence[str | None]
) -> tuple[ProposedAccount, ...]:
    whole = concentration(posts.places)
    chosen, texts = sample_texts(index, row)
    bio = index.space.place(index.bio_vectors[row : row + 1])[0] if index.has_bio[row] else None
    made = []
    for group, name in enumerate(names):
        inside = labels == group
        own = [text for text, here in zip(texts, inside[chosen], strict=True) if here]
        rest = [text for text, here in zip(texts, inside[chosen], strict=True) if not here]
        members = posts.embedded[inside]
        focus = concentration(posts.places[inside])
        middle = posts.places[inside].sum(axis=0, dtype=np.float64)
        nearest = np.argsort(-(posts.places[inside] @ middle), kind="stable")[:_EXAMPLES]
        made.append(
            ProposedAccount(
                field=name,
                words=fit_words(index.words.telling(own, rest, names=name_words(index.data, row))),
                share=float(inside.mean()),
                focus=focus,
                gain=focus - whole,
                post_ids=tuple(posts.id_of(int(post)) for post in members),
                posts=int(inside.sum()),
                examples=posts.refs(members[nearest]),
                bio=float(bio @ unit_rows(middle[None])[0]) if bio is not None else None,
            )
        )
    return tuple(made)
