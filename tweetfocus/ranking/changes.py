"""The changes that would help most: what an audit found, each with how much of the account it concerns, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from tweetfocus.kernels.interests import concentration
from tweetfocus.ranking.balance import Balance, Measure
from tweetfocus.ranking.own_posts import OwnPosts
from tweetfocus.ranking.profile import Agreement
from tweetfocus.ranking.splitting import ProposedAccount, Split
from tweetfocus.ranking.topics import Topics

__all__ = ["Change", "ChangeCode", "find_changes"]

_NO_FIELD = 0.15  # focus below which the posts of one interest have none
_LEAST = 0.02  # of the account; less is not worth a change
_ONE_SITE = 0.5  # of the links may lead to one site
_FEWEST_LINKS = 5
_IN_BIO = 0.3  # of the account, as it were, is what a bio of nothing but empty promises would concern
_SHOWN = 3  # words and numbers of posts quoted


class ChangeCode(StrEnum):
    """What to change.

    Example:
        >>> ChangeCode.NO_BIO == "no_bio"
        True
    """

    NO_BIO = "no_bio"
    UNFOCUSED = "unfocused"
    SPLIT = "split"
    BIO_HIDES = "bio_hides"
    BIO_PROMISES = "bio_promises"
    OFF_TOPIC = "off_topic"
    OFF_TOPIC_LINKS = "off_topic_links"
    REPEATED_LINKS = "repeated_links"
    ONE_SITE = "one_site"
    TOO_MANY_LINKS = "too_many_links"
    TOO_MANY_REPOSTS = "too_many_reposts"
    TOO_LITTLE_CONVERSATION = "too_little_conversation"
    TOO_MUCH_CHAT = "too_much_chat"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, and what it concerns.

    Attributes:
        code: what to change.
        effect: the part of the account that it concerns, in [0, 1]: the larger, the more it would help.
        text: the advice.
        post_ids: the posts that it is about, where it is about some.

    Example:
        >>> print(Change(ChangeCode.OFF_TOPIC, 0.1, "Keep these posts for another account.", ()))
        Keep these posts for another account.
    """

    code: ChangeCode
    effect: float
    text: str
    post_ids: tuple[str, ...]

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"code": self.code.value, "effect": self.effect, "text": self.text, "post_ids": list(self.post_ids)}


def find_changes(
    posts: OwnPosts,
    topics: Topics,
    words: tuple[tuple[str, ...], ...],
    bio: Agreement,
    has_bio: bool,
    split: Split,
    balance: Balance,
) -> tuple[Change, ...]:
    """All changes worth making, those that concern most of the account first."""
    found = _of_links(posts, topics, balance) + _of_manners(balance)
    if topics.measured and split.refused and topics.focus < _NO_FIELD:
        text = f"Your posts gather round no field (focus {topics.focus:.2f}): choose one or two, and keep to them."
        found.append(Change(ChangeCode.UNFOCUSED, 1 - float(topics.on.mean()), text, ()))
        found += [] if has_bio else _of_profile(topics, (), bio, has_bio, len(posts), many=False)
    else:
        found += _of_profile(topics, words, bio, has_bio, len(posts), split.advised) + _of_topics(posts, topics, split)
    return tuple(sorted((c for c in found if c.effect >= _LEAST), key=lambda c: (-c.effect, list(ChangeCode).index(c.code))))


def _of_profile(
    topics: Topics, words: tuple[tuple[str, ...], ...], bio: Agreement, has_bio: bool, posts: int, many: bool
) -> list[Change]:
    if not has_bio:
        own = [w for telling in words for w in telling[:_SHOWN]]
        says = f" Your posts speak of {_quoted(own)}." if own else ""
        return (
            [Change(ChangeCode.NO_BIO, 1.0, f"Write a bio: without one nobody can tell what you do.{says}", ())]
            if posts
            else []
        )
    found = []
    shares = topics.shares if len(topics.shares) == len(words) else np.zeros(len(words))
    for hides, hidden, share in zip(bio.hides, bio.hidden, shares.tolist(), strict=True):
        if hides and hidden and not many:
            part = _percent(share)
            text = f"Say in your bio what {part} of your posts are about, in your own words: {_quoted(hidden[:_SHOWN])}."
            found.append(Change(ChangeCode.BIO_HIDES, float(share), text, ()))
    if bio.lacking:
        text = f"Your bio promises {_quoted(bio.lacking[:_SHOWN])}, and no post is about that: post about it, or take it out."
        found.append(Change(ChangeCode.BIO_PROMISES, _IN_BIO * min(len(bio.lacking) / 5, 1.0), text, ()))
    return found


def _of_topics(posts: OwnPosts, topics: Topics, split: Split) -> list[Change]:
    found = []
    if split.advised:
        order = sorted(split.accounts, key=lambda one: -(one.bio or 0))  # what the bio says stays; stable: then the largest
        kept, further = order[:2], order[2:]
        ids = tuple(one for account in further for one in account.post_ids)
        whose = "an account of its own" if len(further) == 1 else "accounts of their own"
        text = f"Keep this account to {_named(kept)}; give {_named(further[:_SHOWN])} {whose}."
        found.append(Change(ChangeCode.SPLIT, sum(one.share for one in further), text, ids))
    if topics.measured and topics.off.any() and not topics.off.all():
        many = int(topics.off.sum())
        rest = concentration(posts.places[~topics.off])
        whole = concentration(posts.places)
        gain = f": the focus of the posts alone would go from {whole:.2f} to {rest:.2f}" if (~topics.off).sum() > 1 else ""
        text = f"{_posts(many)} of {len(topics.off):,} have little to do with your fields; keep such posts for another account{gain}."
        found.append(Change(ChangeCode.OFF_TOPIC, many / len(topics.off), text, _ids(posts, posts.embedded[topics.off])))
    return found


def _of_links(posts: OwnPosts, topics: Topics, balance: Balance) -> list[Change]:
    links, many, found = balance.links, max(len(posts), 1), []
    if links.off_topic:
        rows = posts.embedded[topics.off & posts.linked[posts.embedded]]
        text = f"{_posts(links.off_topic)} with a link have little to do with your fields: link what serves them."
        found.append(Change(ChangeCode.OFF_TOPIC_LINKS, links.off_topic / many, text, _ids(posts, rows)))
    if links.repeats:
        count = links.repeated[0][1]
        times = (
            f"{_posts(links.repeats)} repeat a link that you had posted before (the most repeated one stands in {count} posts)"
        )
        again = [post for post, urls in enumerate(posts.pages) if any(posts.page_counts[url] > 1 for url in urls)]
        found.append(
            Change(ChangeCode.REPEATED_LINKS, links.repeats / many, f"{times}: say something new instead.", _ids(posts, again))
        )
    if links.sites and links.posts >= _FEWEST_LINKS:
        site, count = links.sites[0]
        beyond = count - _ONE_SITE * links.posts
        text = f"{count} of your {links.posts} posts with a link lead to {site}: link to others as well."
        found.append(Change(ChangeCode.ONE_SITE, max(beyond, 0) / many, text, ()))
    return found


def _of_manners(balance: Balance) -> list[Change]:
    if not balance.measures:
        return []
    found = []
    broadcast, reposts = balance.of("broadcast"), balance.of("repost")
    talk, chat = balance.of("conversation"), balance.of("chat")
    limit = _or(broadcast.high, 0.6)
    text = f"{_percent(broadcast.share)} of your posts are links to nobody in particular{_field(broadcast)}: talk about fewer, and say why."
    found.append(Change(ChangeCode.TOO_MANY_LINKS, broadcast.share - max(limit, 0.3), text, ()))
    text = f"{_percent(reposts.share)} of your posts pass on what others say{_field(reposts)}: add words of your own."
    found.append(Change(ChangeCode.TOO_MANY_REPOSTS, reposts.share - max(_or(reposts.high, 0.5), 0.3), text, ()))
    text = f"Only {_percent(talk.share)} of your posts address anybody{_field(talk)}: answer people, and ask."
    found.append(Change(ChangeCode.TOO_LITTLE_CONVERSATION, min(_or(talk.low, 0.1), 0.3) - talk.share, text, ()))
    text = f"{_percent(chat.share)} of your posts are talk with single people{_field(chat)}: say more to everybody."
    found.append(Change(ChangeCode.TOO_MUCH_CHAT, chat.share - max(_or(chat.high, 0.7), 0.5), text, ()))
    return found


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _field(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return ""
    return f" (half of your field: {100 * measure.low:.0f} to {100 * measure.high:.0f} %)"


def _ids(posts: OwnPosts, rows: object) -> tuple[str, ...]:
    return tuple(posts.id_of(int(post)) for post in np.asarray(rows, dtype=np.int64))


def _named(accounts: Sequence[ProposedAccount]) -> str:
    return " and ".join(f"“{one.field or ', '.join(one.words[:2])}”" for one in accounts)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _posts(many: int) -> str:
    return f"{many:,} post" if many == 1 else f"{many:,} posts"


def _quoted(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
