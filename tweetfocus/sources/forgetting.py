"""Forgetting a person in everything that `collect` keeps of a folder: its state, and the likes beside the tables."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from tweetfocus.sources.export import write_tables
from tweetfocus.sources.state import STATE_FILE, CollectState

__all__ = ["forget_collected"]

_REFERENCES = ("reply_to_account_id", "quote_of_account_id")


def forget_collected(folder: str | PathLike[str], account_id: str, username: str | None = None) -> bool:
    """Take a person out of a folder that `collect` fills, and keep them out: later runs do not store them again.

    The account, its posts and pairs, reposts and likes of its posts go; `@username` and `@id` in what others wrote become
    `@forgotten`. All tables of the folder are written anew. Of the person only a keyed hash of the id stays, to know them by.

    Args:
        folder: the dataset folder.
        account_id: whom to forget.
        username: their name; if None, the one that the state knows.

    Returns:
        Whether the folder is one that `collect` fills; if not, nothing is done.

    Raises:
        StorageError: a collect is at work in the folder, or it cannot be written.

    Example:
        >>> import tempfile
        >>> forget_collected(tempfile.mkdtemp(), "7")
        False
    """
    folder = Path(folder)
    if not (folder / STATE_FILE).is_file():
        return False
    with CollectState(folder) as state:
        known = state.ask("SELECT username FROM accounts WHERE account_id = ?", account_id)
        names = {name for name in (username, *(row[0] for row in known)) if name}
        with state.transaction():
            state.remember_to_forget(account_id)
            _delete(state, account_id)
            _strike(state, account_id, names)
        state.vacuum()
        write_tables(state, folder)
    return True


def _delete(state: CollectState, account_id: str) -> None:
    for table, columns in (
        ("accounts", ("account_id",)),
        ("posts", ("account_id", "repost_of_account_id")),
        ("pairs", ("source_id", "target_id")),
        ("likes", ("account_id", "author_id")),
        ("reads", ("account_id",)),
    ):
        found = " OR ".join(f"{column} = ?1" for column in columns)
        state.each(f"DELETE FROM {table} WHERE {found}", account_id)  # noqa: S608 (names from above)
    for column in _REFERENCES:
        state.each(f"UPDATE posts SET {column} = NULL WHERE {column} = ?", account_id)  # noqa: S608
    if state.told("owner") == account_id:
        state.each("DELETE FROM about WHERE name = 'owner' OR name LIKE 'handle of %'")


def _strike(state: CollectState, account_id: str, names: set[str]) -> None:
    """Strike the person out of what others wrote."""
    any_name = "|".join([re.escape(account_id), *(f"(?i:{re.escape(name)})" for name in sorted(names))])
    handle = re.compile(rf"@(?:{any_name})(?!\w|\.\w)")
    whole = re.compile(rf"@?(?:{any_name})")
    repost = re.compile(rf"(?i:RT) {handle.pattern}")
    told = re.compile(rf"'[^']*(?<!\w)(?:{any_name})(?!\w)[^']*'")
    for author, post_id, text, mentions in state.ask("SELECT account_id, post_id, text, mentions FROM posts"):
        if repost.match(text):
            state.each("DELETE FROM posts WHERE account_id = ? AND post_id = ?", author, post_id)
            continue
        kept = _without(mentions, whole)
        struck = handle.sub("@forgotten", text)
        if (struck, kept) != (text, mentions):
            query = "UPDATE posts SET text = ?, mentions = ? WHERE account_id = ? AND post_id = ?"
            state.each(query, struck, kept, author, post_id)
    for row in state.ask("SELECT account_id, name, bio, location, url, extra FROM accounts"):
        said = [value and handle.sub("@forgotten", value) for value in row[1:5]]
        extra = _without_values(row[5], whole, handle)
        if (*said, extra) != row[1:]:
            query = "UPDATE accounts SET name = ?, bio = ?, location = ?, url = ?, extra = ? WHERE account_id = ?"
            state.each(query, *said, extra, row[0])
    for account, post_id, text in state.ask("SELECT account_id, post_id, text FROM likes WHERE text IS NOT NULL"):
        if (struck := handle.sub("@forgotten", text)) != text:
            state.each("UPDATE likes SET text = ? WHERE account_id = ? AND post_id = ?", struck, account, post_id)
    for number, why, file in state.ask("SELECT rowid, why, file FROM issues"):
        if told.search(why) or re.search(rf"\bof (?:{any_name})(?!\w)", file):
            state.each("DELETE FROM issues WHERE rowid = ?", number)


def _without(mentions: str | None, whole: re.Pattern[str]) -> str | None:
    if mentions is None:
        return None
    found: Sequence[str] = json.loads(mentions)
    kept = [who for who in found if not whole.fullmatch(who)]
    return mentions if len(kept) == len(found) else json.dumps(kept, ensure_ascii=False)


def _without_values(extra: str | None, whole: re.Pattern[str], handle: re.Pattern[str]) -> str | None:
    if extra is None:
        return None
    found: dict[str, Any] = json.loads(extra)
    kept = {
        name: handle.sub("@forgotten", value) if isinstance(value, str) else value
        for name, value in found.items()
        if not (isinstance(value, str) and whole.fullmatch(value))
    }
    return extra if kept == found else json.dumps(kept, ensure_ascii=False, sort_keys=True)
