"""Taking one person out of the tables of a dataset, and out of what others wrote about them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.assembly import Tables

__all__ = ["without_account"]

_REFERENCES = ("reply_to_account_id", "quote_of_account_id")


def without_account(tables: Tables, account_id: str, username: str | None) -> Tables:
    """`tables` without the account, its posts, pairs and reposts; others keep their texts, with the @username struck out."""
    handle = re.compile(rf"@{re.escape(username)}(?![\w.])", re.IGNORECASE) if username else None
    names = {account_id.lower()} | ({username.lower()} if username else set())

    def strike(text: str | None) -> str | None:
        return handle.sub("@forgotten", text) if handle and text else text

    def drop(mentions: list[str] | None) -> list[str] | None:
        return None if mentions is None else [m for m in mentions if m.lower().removeprefix("@") not in names]

    accounts = tables.accounts.filter(_not(tables.accounts["account_id"], account_id))
    posts = tables.posts.filter(_not(tables.posts["account_id"], account_id))
    posts = posts.filter(_not(posts["repost_of_account_id"], account_id))  # a repost is the forgotten person's own text
    if username:
        repost = rf"^RT @{re.escape(username)}\b"
        posts = posts.filter(pc.invert(pc.match_substring_regex(posts["text"], repost, ignore_case=True)))
    for column in _REFERENCES:
        kept = pc.if_else(pc.equal(posts[column], account_id).fill_null(False), None, posts[column])
        posts = posts.set_column(posts.column_names.index(column), column, kept)
    posts = _map(_map(posts, "text", strike), "mentions", drop)
    pairs = {name: _without_pairs(getattr(tables, name), account_id) for name in ("follows", "mutes", "blocks")}
    issues = tuple(i for i in tables.issues if not any(repr(n) in i.why.lower() for n in names))
    return Tables(_map(accounts, "bio", strike).combine_chunks(), posts.combine_chunks(), **pairs, issues=issues)


def _not(column: pa.ChunkedArray, value: str) -> pa.ChunkedArray:
    return pc.not_equal(column, value).fill_null(True)


def _without_pairs(pairs: pa.Table, account_id: str) -> pa.Table:
    both = pc.and_(pc.not_equal(pairs["source_id"], account_id), pc.not_equal(pairs["target_id"], account_id))
    return pairs.filter(both).combine_chunks()


def _map(table: pa.Table, name: str, change: Callable[[Any], Any]) -> pa.Table:
    values = [change(value) for value in table[name].to_pylist()]
    return table.set_column(table.column_names.index(name), name, pa.array(values, table.schema.field(name).type))
