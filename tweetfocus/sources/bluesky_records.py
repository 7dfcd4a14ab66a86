"""From Bluesky's JSON to records: profiles, posts, labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tweetfocus.data.records import Account, Post
from tweetfocus.sources.answers import as_time, every, pick

__all__ = ["account_of", "feed_post", "is_did", "moderation_of", "post_of", "signed_in_only", "whose"]

_SIGNED_IN = "!no-unauthenticated"
_NOT_SHOWN = frozenset({_SIGNED_IN, "!hide", "!takedown", "!suspend"})
# labels about manners; those about content and persons are nobody's business here
_MANNERS = frozenset({
    "bot", "engagement-farming", "impersonation", "inauthentic", "misleading", "scam", "spam", "unsafe-link",
})  # fmt: skip
_OWN_WORD = frozenset({_SIGNED_IN, "bot"})  # what people may say about themselves


def is_did(value: Any) -> bool:
    """Whether a value is an account id of this network.

    Example:
        >>> is_did("did:plc:ab12"), is_did("ana.bsky.social")
        (True, False)
    """
    return isinstance(value, str) and re.fullmatch(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,400}", value) is not None


def whose(uri: Any) -> str | None:
    """Whose record an address names.

    Example:
        >>> whose("at://did:plc:ab12/app.bsky.feed.post/3k")
        'did:plc:ab12'
    """
    parts = uri.split("/") if isinstance(uri, str) and uri.startswith("at://") else []
    return parts[2] if len(parts) > 2 and is_did(parts[2]) else None


def labels_of(view: dict[str, Any]) -> set[str]:
    """The labels that hold now: not expired, not taken back, and from oneself only what one may say about oneself."""
    held: set[str] = set()
    now = datetime.now(UTC)
    given = sorted(every(view, "labels"), key=lambda label: str(label.get("cts")))
    for label in given:
        value, ends = label.get("val"), as_time(label.get("exp"))
        if not isinstance(value, str):
            continue
        if isinstance(ends, datetime) and (ends if ends.tzinfo else ends.replace(tzinfo=UTC)) <= now:
            continue
        if label.get("src") == view.get("did") and value not in _OWN_WORD:
            continue
        (held.discard if label.get("neg") is True else held.add)(value)
    return held


def signed_in_only(view: dict[str, Any]) -> bool:
    """Whether the person asks to be shown to signed-in people only."""
    return _SIGNED_IN in labels_of(view)


def moderation_of(view: dict[str, Any]) -> str | None:
    """What the moderators say about an account's manners: "bot, spam"; None where they say nothing."""
    return ", ".join(sorted(labels_of(view) & _MANNERS)) or None


def account_of(view: dict[str, Any], *, open_to_us: bool) -> Account:
    """A profile, basic to detailed. `open_to_us` is False for people who may not be shown here: their id and handle remain."""
    handle = view.get("handle")
    username = None if handle == "handle.invalid" else handle  # it does not lead back to this account
    # an opt-out is told, its absence is not: somebody else's word for the same account may be the opt-out
    discoverable = False if labels_of(view) & _NOT_SHOWN else None
    if not open_to_us:
        return Account(account_id=str(view.get("did")), username=username, discoverable=False)
    return Account(
        account_id=str(view.get("did")),
        username=username,
        name=view.get("displayName"),
        bio=view.get("description"),
        url=view.get("website"),
        followers_count=view.get("followersCount"),
        following_count=view.get("followsCount"),
        post_count=view.get("postsCount"),
        created_at=as_time(view.get("createdAt")),
        discoverable=discoverable,
    )


def post_of(view: dict[str, Any]) -> Post:
    """A post: what was said, to whom, about whose post, with which links."""
    record = pick(view, "record")
    embed = pick(record, "embed")
    quoted = pick(embed, "record", "uri") or pick(embed, "record", "record", "uri")
    links = [*_features(record, "link", "uri"), pick(embed, "external", "uri"), pick(embed, "media", "external", "uri")]
    languages = pick(record, "langs")
    return Post(
        account_id=str(pick(view, "author", "did")),
        post_id=view.get("uri"),
        text=pick(record, "text") or "",
        created_at=as_time(pick(record, "createdAt")),
        lang=languages[0] if isinstance(languages, list) and languages else None,
        reply_to_account_id=whose(pick(record, "reply", "parent", "uri")),
        quote_of_account_id=whose(quoted),
        mentions=_texts(did for did in _features(record, "mention", "did") if is_did(did)),
        urls=_texts(links),
        like_count=view.get("likeCount"),
        repost_count=view.get("repostCount"),
        reply_count=view.get("replyCount"),
    )


def feed_post(item: dict[str, Any]) -> Post:
    """One line of an author's feed: their post, or their repost of somebody's."""
    post = post_of(item.get("post") or {})
    reason = item.get("reason")
    if not str(pick(reason, "$type")).endswith("reasonRepost"):
        return post
    by = str(pick(reason, "by", "did"))
    return Post(
        account_id=by,
        post_id=pick(reason, "uri") or f"{post.post_id}#{by}",
        text=post.text,
        created_at=as_time(pick(reason, "indexedAt")),
        lang=post.lang,
        repost_of_account_id=post.account_id,
        urls=post.urls,
        mentions=(),
    )


def _features(record: Any, kind: str, name: str) -> list[Any]:
    """What the marked stretches of a text stand for: links, mentions."""
    return [
        feature.get(name)
        for facet in every(record, "facets")
        for feature in every(facet, "features")
        if str(feature.get("$type")).endswith(f"#{kind}")
    ]


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))
