"""From the JSON of Mastodon's API to records: accounts and their consent, posts. Many other servers speak it, with gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tweetfocus.data.records import Account, Post
from tweetfocus.sources.answers import as_time, every, pick
from tweetfocus.sources.html_text import html_to_text
from tweetfocus.sources.source import Value

__all__ = ["account_of", "address", "facts_of", "id_of", "may_be_found", "may_be_read", "post_of"]


def id_of(value: Any) -> str | None:
    """An id as text; other servers send it as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and "/" not in value else None


def address(raw: Any, domain: str) -> str | None:
    """`user@host` of an account; a local one comes without its host.

    Example:
        >>> address({"acct": "ana"}, "grid.example"), address({"acct": "ben@data.example"}, "grid.example")
        ('ana@grid.example', 'ben@data.example')
    """
    acct = pick(raw, "acct")
    if not isinstance(acct, str) or not acct:
        return None
    return acct if "@" in acct else f"{acct}@{domain}"


def may_be_found(raw: dict[str, Any]) -> bool:
    """Whether an account wants to be suggested, and can be followed: silence is no consent.

    Example:
        >>> may_be_found({"discoverable": True}), may_be_found({"discoverable": None})
        (True, False)
    """
    closed = any(raw.get(name) for name in ("suspended", "limited", "memorial", "moved"))
    return raw.get("discoverable") is True and not closed


def may_be_read(raw: Any) -> bool:
    """Whether an account agrees that its public posts are searched; silence is no consent.

    Example:
        >>> may_be_read({"indexable": True}), may_be_read({"indexable": True, "noindex": True})
        (True, False)
    """
    return pick(raw, "indexable") is True and pick(raw, "noindex") is not True


def account_of(raw: dict[str, Any], domain: str) -> Account:
    """An account of any server, as this one (`domain`) knows it."""
    note = raw.get("note")
    return Account(
        account_id=str(id_of(raw.get("id"))),
        username=address(raw, domain),
        name=raw.get("display_name"),
        bio=html_to_text(note).text if isinstance(note, str) else None,
        url=raw.get("url"),
        followers_count=_count(raw.get("followers_count")),
        following_count=_count(raw.get("following_count")),
        post_count=_count(raw.get("statuses_count")),
        created_at=as_time(raw.get("created_at")),
        last_post_at=as_time(raw.get("last_status_at")),
        discoverable=may_be_found(raw),
    )


def facts_of(raw: dict[str, Any]) -> dict[str, Value]:
    """What else is worth a column: consent, bots, who has to agree to being followed."""
    return {name: raw[name] for name in ("indexable", "bot", "locked") if isinstance(raw.get(name), bool)}


def post_of(raw: dict[str, Any], domain: str) -> Post:
    """A post, or a repost with the text of what is reposted."""
    shared = raw.get("reblog")
    said: dict[str, Any] = shared if isinstance(shared, dict) else raw
    addresses: Mapping[str, str] = {
        mention["url"]: known
        for mention in every(said, "mentions")
        if isinstance(mention.get("url"), str) and (known := address(mention, domain))
    }
    content, warning = said.get("content"), said.get("spoiler_text")
    plain = html_to_text(content if isinstance(content, str) else "", mentions=addresses)
    text = f"{warning}\n{plain.text}".strip() if isinstance(warning, str) else plain.text
    urls = [*plain.urls, *(url for url in [pick(said, "card", "url")] if isinstance(url, str) and url)]
    quoted = pick(raw, "quote", "quoted_status", "account", "id") or pick(raw, "quote", "account", "id")
    own = said is raw
    mentions = (id_of(mention.get("id")) for mention in every(said, "mentions")) if own else ()
    return Post(
        account_id=str(id_of(pick(raw, "account", "id"))),
        post_id=id_of(raw.get("id")),
        text=text,
        created_at=as_time(raw.get("created_at")),
        lang=said.get("language"),
        reply_to_account_id=id_of(raw.get("in_reply_to_account_id")) if own else None,
        repost_of_account_id=None if own else id_of(pick(said, "account", "id")),
        quote_of_account_id=id_of(quoted) if own else None,
        mentions=tuple(dict.fromkeys(mention for mention in mentions if mention)),
        urls=tuple(dict.fromkeys(urls)),
        like_count=_count(raw.get("favourites_count")) if own else None,
        repost_count=_count(raw.get("reblogs_count")) if own else None,
        reply_count=_count(raw.get("replies_count")) if own else None,
    )


def _count(value: Any) -> Any:
    """A count; servers that hide theirs send -1."""
    return None if value == -1 else value
