"""The three things a dataset is made of, as single values: Account, Post, Follow; and Issue, a record that was not clean.

The fields of these classes are the schema: `tables` and `dataset` take column names and kinds from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["ACCOUNT_COLUMNS", "FOLLOW_COLUMNS", "POST_COLUMNS", "Account", "Follow", "Issue", "Post"]

# column -> kind; the kinds are parsed in `columns`
ACCOUNT_COLUMNS: dict[str, str] = {
    "account_id": "id",
    "username": "name",
    "name": "text",
    "bio": "text",
    "location": "text",
    "url": "text",
    "lang": "text",
    "followers_count": "count",
    "following_count": "count",
    "post_count": "count",
    "created_at": "time",
    "last_post_at": "time",
    "protected": "flag",
    "discoverable": "flag",
    "is_source": "flag",
    "is_me": "flag",
}
POST_COLUMNS: dict[str, str] = {
    "account_id": "id",
    "post_id": "id",
    "text": "text",
    "created_at": "time",
    "lang": "text",
    "reply_to_account_id": "id",
    "reply_to_post_id": "id",
    "repost_of_account_id": "id",
    "quote_of_account_id": "id",
    "mentions": "list",
    "urls": "list",
    "like_count": "count",
    "repost_count": "count",
    "reply_count": "count",
}
# also the schema of mutes and blocks: source_id mutes or blocks target_id
FOLLOW_COLUMNS: dict[str, str] = {"source_id": "id", "target_id": "id", "created_at": "time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account; everything but its id may be unknown (None).

    `discoverable=False` and `protected=True` are opt-outs: such an account is never suggested. `is_source` says that all its
    followings are in the dataset, `is_me` marks the account whose owner the dataset was made for.

    Example:
        >>> Account(account_id="7", username="ana", bio="Grid planner").bio
        'Grid planner'
    """

    account_id: str
    username: str | None = None
    name: str | None = None
    bio: str | None = None
    location: str | None = None
    url: str | None = None
    lang: str | None = None
    followers_count: int | None = None
    following_count: int | None = None
    post_count: int | None = None
    created_at: datetime | None = None
    last_post_at: datetime | None = None
    protected: bool | None = None
    discoverable: bool | None = None
    is_source: bool | None = None
    is_me: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post by one account. `mentions` holds account ids or usernames; where it is None, the text is read for @names.

    Example:
        >>> Post(account_id="7", text="Heat pumps, again.").post_id is None
        True
    """

    account_id: str
    text: str
    post_id: str | None = None
    created_at: datetime | None = None
    lang: str | None = None
    reply_to_account_id: str | None = None
    reply_to_post_id: str | None = None
    repost_of_account_id: str | None = None
    quote_of_account_id: str | None = None
    mentions: tuple[str, ...] | None = None
    urls: tuple[str, ...] | None = None
    like_count: int | None = None
    repost_count: int | None = None
    reply_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """`source_id` follows `target_id`.

    Example:
        >>> Follow(source_id="7", target_id="9").created_at is None
        True
    """

    source_id: str
    target_id: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """Something in the input that could not be taken as it stood: where it was, and what became of it.

    `row` counts the records of the file from 1 (a header does not count); None where the whole file is meant.

    Example:
        >>> print(Issue("posts.csv", 12, "created_at", "not a time: 'soon'; value left out"))
        posts.csv, row 12, created_at: not a time: 'soon'; value left out
    """

    file: str
    row: int | None
    field: str | None
    why: str

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.field is not None:
            where.append(self.field)
        return f"{', '.join(where)}: {self.why}"
