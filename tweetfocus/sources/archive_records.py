"""What the files of an X archive say, as records: every shape that X has used, and nothing that is not needed."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.sources.source import Like

__all__ = ["Note", "like_of", "note_of", "owner_of", "pair_of", "post_of", "time_of", "unwrap"]

_MONTHS = {
    name: n for n, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
_CLASSIC = re.compile(r"\w{3} (\w{3}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{4}) (\d{4})")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d+)? ?(Z|[+-]\d{2}:?\d{2})?")
_REPOST = re.compile(r"RT @(\w{1,20}): ?")
_NO_LANGUAGE = re.compile(r"und|q\w\w|zxx|art")


def unwrap(record: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The object inside {"tweet": {...}}, or the record itself where it is not wrapped."""
    for name in names:
        inner = record.get(name)
        if isinstance(inner, dict):
            return inner
    return record


def text_of(value: Any) -> str | None:
    """A text that says something, else None."""
    return value if isinstance(value, str) and value.strip() else None


def id_of(value: Any) -> str | None:
    """An id of X: digits; None where it is missing or stands for nobody."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 25 else None


def count_of(value: Any) -> int | None:
    """A count, which archives write as text."""
    number = id_of(value)
    return int(number) if number and len(number) < 16 else None


def time_of(value: Any) -> datetime | None:
    """A time in any of the spellings of X.

    Example:
        >>> time_of("Tue Jun 03 19:32:20 +0000 2025") == time_of("2025-06-03T19:32:20.000Z")
        True
    """
    if not isinstance(value, str):
        return None
    try:
        if found := _CLASSIC.fullmatch(value):
            month, day, hour, minute, second, zone, year = found.groups()
            moment = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
            shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
            return moment - shift if zone[0] == "+" else moment + shift
        if found := _ISO.fullmatch(value):
            zone = (found[3] or "Z").replace("Z", "+00:00")
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        pass
    return None


def owner_of(manifest: Any, account: Mapping[str, Any], profile: Mapping[str, Any]) -> Account | None:
    """The owner, from account, profile and manifest; of the account file only ids, names and the date are taken."""
    info = manifest.get("userInfo") if isinstance(manifest, dict) else None
    info = info if isinstance(info, dict) else {}
    account_id = id_of(account.get("accountId")) or id_of(account.get("id")) or id_of(info.get("accountId"))
    if account_id is None:
        return None
    about = profile.get("description")
    about = about if isinstance(about, dict) else {}
    return Account(
        account_id=account_id,
        username=text_of(account.get("username")) or text_of(account.get("screen_name")) or text_of(info.get("userName")),
        name=text_of(account.get("accountDisplayName"))
        or text_of(account.get("full_name"))
        or text_of(info.get("displayName")),
        bio=text_of(about.get("bio")) or text_of(account.get("bio")),
        location=text_of(about.get("location")) or text_of(account.get("location")),
        url=text_of(about.get("website")),
        created_at=time_of(account.get("createdAt")) or time_of(account.get("created_at")),
    )


def pair_of(record: Mapping[str, Any], kind: str, owner: str) -> Follow | None:
    """A following, follower, mute or block; None where it names nobody."""
    wrapper = {"mute": "muting", "block": "blocking"}.get(kind, kind)
    other = id_of(unwrap(record, wrapper, kind).get("accountId"))
    if other is None:
        return None
    return Follow(source_id=other, target_id=owner) if kind == "follower" else Follow(source_id=owner, target_id=other)


def like_of(record: Mapping[str, Any], owner: str) -> Like | None:
    """A like: the text without its author."""
    like = unwrap(record, "like")
    post_id = id_of(like.get("tweetId"))
    text = text_of(like.get("fullText"))
    return Like(account_id=owner, post_id=post_id, text=html.unescape(text) if text else None) if post_id else None


@dataclass(frozen=True, slots=True)
class Note:
    """A long post, whole; the list of posts has its beginning only, under another id."""

    note_id: str
    created_at: datetime
    text: str
    urls: tuple[str, ...]

    def continues(self, post: Post) -> bool:
        """Whether `post` is the beginning of this."""
        if post.created_at is None or abs(post.created_at - self.created_at) > timedelta(seconds=3):
            return False
        beginning = _beginning(post.text)
        return len(beginning) > 20 and _beginning(self.text).startswith(beginning[:100])


def _beginning(text: str) -> str:
    """The words of a text without links and the marks of a cut, for comparing."""
    text = re.sub(r"https?://\S*", "", html.unescape(text[:400]))
    return " ".join(text.replace("…", " ").split())


def note_of(record: Mapping[str, Any]) -> Note | None:
    """A long post; None where it has no id, time or text."""
    note = unwrap(record, "noteTweet")
    core = unwrap(unwrap(note, "core", "noteTweetResults"), "result")
    note_id, text, created = id_of(note.get("noteTweetId")), text_of(core.get("text")), time_of(note.get("createdAt"))
    if note_id is None or text is None or created is None:
        return None
    return Note(note_id, created, text, _urls(core.get("urls"), "expandedUrl"))


def post_of(record: Mapping[str, Any], owner: str) -> tuple[Post | None, list[Account]]:
    """A post, and whom it mentions by name; None where it has no id or no text."""
    tweet = unwrap(record, "tweet")
    post_id = id_of(tweet.get("id_str")) or id_of(tweet.get("id"))
    text = text_of(tweet.get("full_text")) or text_of(tweet.get("text"))
    if post_id is None or text is None:
        return None, []
    entities = tweet.get("entities")
    entities = entities if isinstance(entities, dict) else {}
    mentioned = _mentioned(entities.get("user_mentions"))
    text = html.unescape(text)
    language = text_of(tweet.get("lang"))
    post = Post(
        account_id=owner,
        post_id=post_id,
        text=text,
        created_at=time_of(tweet.get("created_at")),
        lang=None if language is None or _NO_LANGUAGE.fullmatch(language) else language,
        reply_to_account_id=id_of(tweet.get("in_reply_to_user_id_str")) or id_of(tweet.get("in_reply_to_user_id")),
        repost_of_account_id=_reposted(tweet, text, mentioned),
        mentions=tuple(a.account_id or a.username or "" for a in mentioned) if "user_mentions" in entities else None,
        urls=_urls(entities.get("urls"), "expanded_url"),
        like_count=count_of(tweet.get("favorite_count")),
        repost_count=count_of(tweet.get("retweet_count")),
    )
    return post, [account for account in mentioned if account.account_id]


def _mentioned(raw: Any) -> list[Account]:
    found = []
    for mention in raw if isinstance(raw, list) else []:
        if isinstance(mention, dict):
            account_id = id_of(mention.get("id_str")) or id_of(mention.get("id"))
            username, name = text_of(mention.get("screen_name")), text_of(mention.get("name"))
            if account_id or username:
                found.append(Account(account_id=account_id or "", username=username, name=name))
    return found


def _reposted(tweet: Mapping[str, Any], text: str, mentioned: list[Account]) -> str | None:
    """Whose post this repeats: old archives say it, newer ones only begin with the name."""
    original = tweet.get("retweeted_status")
    if isinstance(original, dict) and isinstance(original.get("user"), dict):
        user = original["user"]
        return id_of(user.get("id_str")) or id_of(user.get("id"))
    found = _REPOST.match(text)
    if not found:
        return None
    name = found[1].lower()
    return next((a.account_id or None for a in mentioned if (a.username or "").lower() == name), None)


def _urls(raw: Any, name: str) -> tuple[str, ...]:
    if not isinstance(raw, list):
        return ()
    found = [text_of(url.get(name)) or text_of(url.get("url")) for url in raw if isinstance(url, dict)]
    return tuple(url for url in found if url)
