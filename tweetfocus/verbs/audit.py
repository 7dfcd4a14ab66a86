"""`audit`: does an account keep to one or two fields, and do its bio, its posts and its manners agree with them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.building import Facet
from tweetfocus.index.names import name_words
from tweetfocus.kernels.chance import share_interval
from tweetfocus.ranking.balance import find_peers, weigh_balance
from tweetfocus.ranking.changes import find_changes
from tweetfocus.ranking.fit_words import fit_words
from tweetfocus.ranking.own_fields import own_fields, sample_texts
from tweetfocus.ranking.own_posts import OwnPosts, own_posts
from tweetfocus.ranking.profile import weigh_bio
from tweetfocus.ranking.relevance import relevance
from tweetfocus.ranking.splitting import propose_split
from tweetfocus.ranking.topics import FEWEST, Quarter, Topics, find_topics, quarters
from tweetfocus.verbs.audits import Audit

__all__ = ["audit"]

_ENOUGH = 10  # posts in a quarter from which a movement may be read
_QUOTED = 3  # posts of a field
_BLUNT = 0.2  # middle focus of an index below which its encoder hardly tells topics apart; with all-MiniLM-L6-v2 it is near 0.5


def audit(index: AccountIndex, who: str, *, fields: Sequence[str] | None = None) -> Audit:
    """Hold an account against one or two professional fields, and say which changes would help most.

    Args:
        index: the accounts; the others are the measure of what is common.
        who: account id or @username; `"@me"` is the account marked `is_me`.
        fields: the fields the account is meant for, in words, in place of those read from its posts: up to ten.

    Returns:
        The findings. With fewer than five posts that have words in them, what needs posts is None and `notes` say so.

    Raises:
        UnknownAccount: `who` is not in the index.
        InvalidRequest: fields without words, or more than ten.
        Mismatch: fields given, and the encoder at hand is not the one of the index.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.audit(index, "@mara_lindqvist")
        >>> found.posts, found.split.advised, found.balance.verdict
        (60, False, 'between chat and links')
    """
    row = index.data.row(who)
    posts = own_posts(index, row)
    topics = find_topics(index, row, posts, fields)
    split = propose_split(index, row, posts, topics)
    facets = own_fields(index, row)
    if topics.names or (len(facets) > 1 and split.untold):
        topics = topics if topics.names else find_topics(index, row, posts, as_one=True)
        facets = _facets(index, row, posts, topics)
    facets = tuple(replace(facet, words=fit_words(facet.words)) for facet in facets)
    words = tuple(facet.words for facet in facets)
    bio = weigh_bio(index, row, topics, words)
    near = relevance(index, index.data.account_id(row))
    balance = weigh_balance(index, posts, topics, find_peers(index, near.passes))
    seasons = quarters(posts, topics)
    worst = np.flatnonzero(topics.off)[np.argsort(topics.nearness[topics.off], kind="stable")]
    focus = None if np.isnan(topics.focus) else topics.focus
    return Audit(
        account_id=index.data.account_id(row),
        username=index.data.username(row),
        bio=index.data.accounts["bio"][row].as_py(),
        posts=len(posts),
        judged=len(topics.labels),
        fields=topics.names,
        facets=facets,
        focus=focus,
        focus_rank=None if focus is None else _rank(index, row, focus),
        on_topic=float(topics.on.mean()) if topics.measured else None,
        off_topic=posts.refs(posts.embedded[worst], topics.nearness[worst]),
        agreement=bio,
        quarters=seasons,
        drift=_drift(seasons, [topics.names[f] if topics.names else ", ".join(own[:2]) for f, own in enumerate(words)]),
        split=split,
        balance=balance,
        changes=find_changes(posts, topics, words, bio, bool(index.has_bio[row]), split, balance),
        notes=_notes(index, row, posts, topics, near.notes),
        settings=MappingProxyType(
            {"who": index.data.account_id(row), "fields": list(topics.names), "index": index.fingerprint}
        ),
    )


def _facets(index: AccountIndex, row: int, posts: OwnPosts, topics: Topics) -> tuple[Facet, ...]:
    """The fields of `topics` as facets of the account: share, telling words and nearest posts."""
    (chosen, texts), names, found = sample_texts(index, row), name_words(index.data, row), []
    for field in range(len(topics.centres)):
        inside = (topics.labels == field) & ~topics.off
        own = [text for text, here in zip(texts, inside[chosen], strict=True) if here]
        rest = [text for text, here in zip(texts, inside[chosen], strict=True) if not here]
        order = np.argsort(-np.where(inside, topics.nearness, -np.inf), kind="stable")[: min(_QUOTED, int(inside.sum()))]
        quoted = tuple(post.text for post in posts.refs(posts.embedded[order]))
        found.append(Facet(float(topics.shares[field]), index.words.telling(own, rest, names=names), quoted))
    return tuple(found)


def _rank(index: AccountIndex, row: int, focus: float) -> float | None:
    """Part of the other accounts with enough texts that are less focused."""
    others: npt.NDArray[np.float64] = np.delete(np.asarray(index.facets.focus, dtype=np.float64), row)
    others = others[np.isfinite(others)]
    return float(np.mean(others < focus)) if len(others) else None


def _drift(seasons: Sequence[Quarter], names: Sequence[str]) -> str | None:
    """The field whose share moved most between the first and the last quarter with ten posts, if chance would not move it so far."""
    enough = [(s, s.shares) for s in seasons if s.posts >= _ENOUGH and s.shares is not None]
    if len(enough) < 2 or len(names) < 2:
        return None
    (first, shares), (last, moved) = enough[0], enough[-1]
    field = int(np.argmax(np.abs(np.subtract(moved, shares))))
    before, after = shares[field], moved[field]
    one, two = (share_interval(round(share * s.posts), s.posts) for share, s in ((before, first), (after, last)))
    if one[0] <= two[1] and two[0] <= one[1]:
        return None
    went = f"from {100 * before:.0f} to {100 * after:.0f} % of the posts on topic"
    return f"from {first.quarter} to {last.quarter}, “{names[field]}” went {went}"


def _notes(index: AccountIndex, row: int, posts: OwnPosts, topics: Topics, near: Sequence[str]) -> tuple[str, ...]:
    notes = []
    many = len(topics.labels)
    if many < FEWEST:
        notes.append(
            f"too few posts to judge: {many} of {len(posts)} have words in them that speak for the account, and it takes {FEWEST}"
        )
    elif not topics.measured:
        notes.append("too few posts by other accounts to tell what is on topic")
    known = index.facets.focus[np.isfinite(index.facets.focus)]
    if len(known) and np.median(known) < _BLUNT:
        notes.append(
            "most accounts here post on all sorts of topics, or the encoder hardly tells topics apart: take these with care"
        )
    if many >= index.max_posts:
        notes.append(f"judged by the newest {index.max_posts:,} posts; build the index with a larger max_posts to read more")
    if not index.has_bio[row]:
        notes.append("no bio, or none with words in it")
    if posts.future:
        notes.append(f"{posts.future:,} posts are dated in the future: their dates are left out")
    undated = int((posts.times == OwnPosts.UNKNOWN_TIME).sum()) - posts.future
    if undated:
        notes.append(f"{undated:,} posts have no date: they are in no quarter")
    if len(posts) and posts.is_kind("repost").all():
        notes.append("nothing but reposts: what is said of the posts is said of what others wrote")
    return (*notes, *near)
