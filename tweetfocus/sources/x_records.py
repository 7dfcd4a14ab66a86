"""What the API of X says, as records: both spellings of the fields that X renamed, and nothing believed that is not there."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tweetfocus.data.records import Account, Issue, Post
from tweetfocus.sources.archive_records import count_of, id_of, text_of, time_of

__all__ = ["Troubles", "objects", "post_of", "troubles", "user_of"]

_REPOST = re.compile(r"RT @(\w{1,20}): ?")
_NO_LANGUAGE = re.compile(r"und|q\w\w|zxx|art")


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects in what should be a list of them, or one of them."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def first(thing: Mapping[str, Any], *names: str) -> Any:
    """The value under the first of several spellings that is there."""
    return next((thing[name] for name in names if thing.get(name) is not None), None)


def inner(thing: Any, *names: str) -> Mapping[str, Any]:
    """An object inside an object, by any of several spellings; empty where it is not there."""
    found = first(thing, *names) if isinstance(thing, dict) else None
    return found if isinstance(found, dict) else {}


def user_of(user: Mapping[str, Any]) -> Account | None:
    """An account; None where it has no id."""
    account_id = id_of(user.get("id"))
    if account_id is None:
        return None
    metrics, entities = inner(user, "public_metrics"), inner(user, "entities")
    protected = user.get("protected")
    return Account(
        account_id=account_id,
        username=text_of(user.get("username")),
        name=text_of(user.get("name")),
        bio=_expanded(text_of(user.get("description")), objects(inner(entities, "description").get("urls"))),
        location=text_of(user.get("location")),
        url=_expanded(text_of(user.get("url")), objects(inner(entities, "url").get("urls"))),
        followers_count=_count(metrics.get("followers_count")),
        following_count=_count(metrics.get("following_count")),
        post_count=_count(first(metrics, "post_count", "tweet_count")),
        created_at=time_of(user.get("created_at")),
        protected=protected if isinstance(protected, bool) else None,
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else count_of(value)


def _expanded(text: str | None, urls: list[Mapping[str, Any]]) -> str | None:
    """`text` with what its shortened links stand for."""
    for url in urls if text else ():
        short, long = text_of(url.get("url")), text_of(url.get("expanded_url"))
        if short and long and text:
            text = text.replace(short, long)
    return text


def post_of(post: Mapping[str, Any], author: str | None, included: Mapping[str, str]) -> Post | None:
    """A post; None where it has no id, text or author. `included` says who wrote the posts that came along."""
    post_id, account_id = id_of(post.get("id")), id_of(post.get("author_id")) or author
    note = inner(post, "note_post", "note_tweet")
    text = text_of(note.get("text")) or text_of(post.get("text"))
    if post_id is None or account_id is None or text is None:
        return None
    text = html.unescape(text)
    entities = inner(note, "entities") or inner(post, "entities")
    mentions = [(id_of(m.get("id")), text_of(m.get("username"))) for m in objects(entities.get("mentions"))]
    metrics = inner(post, "public_metrics")
    language = text_of(post.get("lang"))
    referred = {str(r.get("type")): id_of(r.get("id")) for r in objects(first(post, "referenced_posts", "referenced_tweets"))}
    reposted = _reposted(text, mentions, included.get(referred.get("retweeted") or ""))
    return Post(
        account_id=account_id,
        post_id=post_id,
        text=text,
        created_at=time_of(post.get("created_at")),
        lang=None if language is None or _NO_LANGUAGE.fullmatch(language) else language,
        reply_to_account_id=id_of(post.get("in_reply_to_user_id")),
        repost_of_account_id=reposted if "retweeted" in referred or text.startswith("RT @") else None,
        quote_of_account_id=included.get(referred.get("quoted") or ""),
        mentions=tuple(found for number, name in mentions if (found := number or name)) if "entities" in post else None,
        urls=tuple(
            link for u in objects(entities.get("urls")) if (link := text_of(first(u, "unwound_url", "expanded_url", "url")))
        ),
        like_count=_count(metrics.get("like_count")),
        repost_count=_count(first(metrics, "repost_count", "retweet_count")),
        reply_count=_count(metrics.get("reply_count")),
    )


def _reposted(text: str, mentions: list[tuple[str | None, str | None]], included: str | None) -> str | None:
    """Whose post a repost repeats: from what came along, or from the name at its beginning."""
    if included:
        return included
    found = _REPOST.match(text)
    name = found[1].lower() if found else None
    return next((number for number, username in mentions if name and number and (username or "").lower() == name), None)


@dataclass(slots=True)
class Troubles:
    """What a page says that it could not give."""

    missing: dict[str, str] = field(default_factory=dict)
    protected: list[str] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)


def troubles(errors: Any, place: str, asked: tuple[str, ...]) -> Troubles:
    """Sort the partial errors of an answer; those about the accounts that were asked for are facts about these."""
    found = Troubles()
    for error in objects(errors):
        kind = str(error.get("type") or "").rsplit("/", 1)[-1]
        who = id_of(error.get("resource_id")) or id_of(error.get("value"))
        said = " ".join(str(error.get(name) or "") for name in ("title", "detail")).lower()
        if who not in asked:
            if error.get("section") != "includes" and error.get("resource_type") not in ("tweet", "post"):
                found.issues.append(
                    Issue(place, None, None, f"{str(error.get('title') or kind or 'an error')[:100]}; left out")
                )
        elif kind == "not-authorized-for-resource" or "not authorized" in said or "authorization" in said:
            found.protected.append(str(who))
        else:
            found.missing[str(who)] = "suspended" if "suspended" in said else "not found"
    return found
