"""The tables of a collection's state, and how records are added to them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tweetfocus.data.assembly import SCHEMAS
from tweetfocus.data.records import Issue
from tweetfocus.sources.records import PAIRS, Clean
from tweetfocus.sources.source import Kind

__all__ = ["STATE_SCHEMA", "end_list", "keep", "note", "plain"]

_SQL = {"count": "INTEGER", "time": "INTEGER", "flag": "INTEGER"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _columns(table: str) -> str:
    return ", ".join(f"{name} {_SQL.get(kind, 'TEXT')}" for name, kind in SCHEMAS[table].items())


STATE_SCHEMA = f"""
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE collections (id INTEGER PRIMARY KEY, source TEXT NOT NULL, begun REAL NOT NULL, ended REAL, stage INTEGER NOT NULL,
                          ceiling INTEGER);
CREATE TABLE reads (id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, stage INTEGER NOT NULL, kind TEXT NOT NULL,
                    account_id TEXT NOT NULL, most INTEGER NOT NULL, cursor TEXT, items INTEGER NOT NULL DEFAULT 0,
                    state TEXT NOT NULL DEFAULT 'open', restarts INTEGER NOT NULL DEFAULT 0, read_at REAL);
CREATE INDEX reads_open ON reads (collection, stage, state);
CREATE INDEX reads_account ON reads (kind, account_id);
CREATE TABLE requests (id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, stage INTEGER NOT NULL, kind TEXT NOT NULL,
                       bucket TEXT, at REAL NOT NULL, reserve INTEGER NOT NULL, cost INTEGER NOT NULL DEFAULT 0,
                       items INTEGER NOT NULL DEFAULT 0, resources TEXT, state TEXT NOT NULL DEFAULT 'pending');
CREATE INDEX requests_of ON requests (collection, state, cost, reserve);
CREATE TABLE accounts ({_columns("accounts")}, extra TEXT, gone TEXT, profile_at REAL, PRIMARY KEY (account_id)) WITHOUT ROWID;
CREATE TABLE posts ({_columns("posts")}, PRIMARY KEY (account_id, post_id)) WITHOUT ROWID;
CREATE TABLE pairs (kind TEXT, source_id TEXT, target_id TEXT, created_at INTEGER, read INTEGER NOT NULL,
                    PRIMARY KEY (kind, source_id, target_id)) WITHOUT ROWID;
CREATE INDEX pairs_target ON pairs (kind, target_id);
CREATE TABLE likes (account_id TEXT, post_id TEXT, author_id TEXT, text TEXT, created_at INTEGER,
                    PRIMARY KEY (account_id, post_id)) WITHOUT ROWID;
CREATE TABLE issues (file TEXT, row INTEGER, field TEXT, why TEXT);
CREATE UNIQUE INDEX issues_once ON issues (file, coalesce(row, -1), coalesce(field, ''), why);
CREATE TABLE forgotten (mark BLOB PRIMARY KEY) WITHOUT ROWID;
"""


def keep(db: sqlite3.Connection, page: Clean, read: int, now: float) -> None:
    """Add what a page holds to what is known; `read` is the number of the list that it came with, 0 for none."""
    schema = [name for name in SCHEMAS["accounts"] if name not in ("account_id", "is_me", "is_source")]
    told = ", ".join(f"{name} = coalesce(excluded.{name}, {name})" for name in schema)
    marks = ", ".join("?" * (len(schema) + 3))
    db.executemany(
        f"INSERT INTO accounts (account_id, {', '.join(schema)}, extra, profile_at) VALUES ({marks}) "  # noqa: S608
        f"ON CONFLICT DO UPDATE SET {told}, gone = NULL, profile_at = coalesce(excluded.profile_at, profile_at), "
        "extra = CASE WHEN excluded.extra IS NULL THEN extra ELSE json_patch(coalesce(extra, '{}'), excluded.extra) END",
        [
            (
                account["account_id"],
                *(plain(account[name]) for name in schema),
                _json(page.extra.get(account["account_id"])),
                now if account["account_id"] in page.profiles else None,
            )
            for account in page.accounts
        ],
    )
    there = {account["account_id"] for account in page.accounts}  # closed, but not gone
    db.executemany(
        "INSERT INTO accounts (account_id, gone, profile_at) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET gone = excluded.gone, profile_at = excluded.profile_at",
        [(account_id, why, now) for account_id, why in page.missing.items() if account_id not in there],
    )
    _bare(db, page.mentioned())
    _add_posts(db, page.posts)
    for kind in PAIRS:
        db.executemany(
            "INSERT INTO pairs VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET read = excluded.read, "
            "created_at = coalesce(excluded.created_at, created_at)",
            [
                (kind, pair["source_id"], pair["target_id"], plain(pair["created_at"]), read)
                for pair in page.pairs.get(kind, ())
            ],
        )
    db.executemany(
        "INSERT OR REPLACE INTO likes VALUES (?, ?, ?, ?, ?)",
        [(k.account_id, k.post_id, k.author_id, k.text, plain(k.created_at)) for k in page.likes],
    )
    note(db, page.issues)


def _bare(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    db.executemany("INSERT OR IGNORE INTO accounts (account_id) VALUES (?)", [(i,) for i in sorted(set(ids))])


def _add_posts(db: sqlite3.Connection, posts: Iterable[Mapping[str, Any]]) -> None:
    names = list(SCHEMAS["posts"])
    told = ", ".join(f"{n} = coalesce(excluded.{n}, {n})" for n in names if n not in ("account_id", "post_id"))
    db.executemany(
        f"INSERT INTO posts ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "  # noqa: S608
        f"ON CONFLICT DO UPDATE SET {told}",
        [tuple(plain(post[name]) for name in names) for post in posts],
    )


def note(db: sqlite3.Connection, issues: Iterable[Issue]) -> None:
    """Add issues, each once."""
    db.executemany("INSERT OR IGNORE INTO issues VALUES (?, ?, ?, ?)", [(i.file, i.row, i.field, i.why) for i in issues])


def end_list(db: sqlite3.Connection, kind: Kind, account_id: str, read: int, *, whole: bool) -> None:
    """A list that was read to its end says also who is no longer on it; one that was cut does not."""
    if kind is Kind.FOLLOWINGS:
        _bare(db, [account_id])
        db.execute("UPDATE accounts SET is_source = ? WHERE account_id = ?", (1 if whole else None, account_id))
    kept = {Kind.FOLLOWINGS: "follows", Kind.MUTES: "mutes", Kind.BLOCKS: "blocks", Kind.LIST_MEMBERS: "listed"}
    if whole and kind is Kind.FOLLOWERS:
        db.execute("DELETE FROM pairs WHERE kind = 'follows' AND target_id = ? AND read < ?", (account_id, read))
    elif whole and kind in kept:
        db.execute("DELETE FROM pairs WHERE kind = ? AND source_id = ? AND read < ?", (kept[kind], account_id, read))


def plain(value: Any) -> Any:
    """A value as SQLite keeps it: times in microseconds, lists as JSON, flags as 0 and 1."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, datetime):
        return (value.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value), ensure_ascii=False)
    return int(value) if isinstance(value, bool) else value


def _json(value: Mapping[str, Any] | None) -> str | None:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True) if value else None
