"""Taking one person out of the tables of a dataset, and out of what others wrote about them."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.assembly import SCHEMAS, Tables

__all__ = ["without_account"]

_OWN = ("account_id", "username", "post_id", "source_id", "target_id")  # they name the account or post of the row itself
_REFERENCES = ("reply_to_account_id", "quote_of_account_id")


def without_account(tables: Tables, account_id: str, username: str | None) -> Tables:
    """`tables` without the account, its posts, pairs and reposts; others keep their texts, with the @username struck out.

    Columns that the schema does not know are searched as well: a text that is the id or the username is left out, and so is the
    id as a number where the column's name ends in "id".
    """
    name = "|".join([re.escape(account_id), *([f"(?i:{re.escape(username)})"] if username else [])])
    handle = re.compile(rf"@(?:{name})(?!\w|\.\w)")
    whole = re.compile(rf"@?(?:{name})")

    def strike(value: Any) -> Any:
        if isinstance(value, list):
            return [strike(part) for part in value if not _is(whole, part)]
        return handle.sub("@forgotten", value) if isinstance(value, str) else value

    def clean(table: pa.Table, schema: dict[str, str]) -> pa.Table:
        for field in table.schema:
            column = table[field.name]
            if field.name in _REFERENCES or (field.name not in schema and _is_id_number(field)):
                kept = pc.if_else(_not(pc.cast(column, pa.string()), account_id), column, None)
            elif field.name not in _OWN and _says(column, name):
                values = [None if field.name not in schema and _is(whole, v) else strike(v) for v in column.to_pylist()]
                kept = pa.chunked_array([pa.array(values, field.type)])
            else:
                continue
            table = table.set_column(table.column_names.index(field.name), field.name, kept)
        return table.combine_chunks()

    accounts = tables.accounts.filter(_not(tables.accounts["account_id"], account_id))
    posts = _without_answers(tables.posts, account_id)
    posts = posts.filter(_not(posts["account_id"], account_id))
    posts = posts.filter(_not(posts["repost_of_account_id"], account_id))  # a repost is the forgotten person's own text
    reposted = re.compile(rf"(?i:RT) {handle.pattern}")
    posts = posts.filter(pa.array([reposted.match(text) is None for text in posts["text"].to_pylist()], pa.bool_()))
    pairs = {kind: _without_pairs(getattr(tables, kind), account_id) for kind in ("follows", "mutes", "blocks")}
    told = re.compile(rf"'[^']*(?<!\w)(?:{name})(?!\w)[^']*'")
    return Tables(
        clean(accounts, SCHEMAS["accounts"]),
        clean(posts, SCHEMAS["posts"]),
        **{kind: clean(table, SCHEMAS[kind]) for kind, table in pairs.items()},
        issues=tuple(issue for issue in tables.issues if not told.search(issue.why)),
    )


def _is(whole: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and whole.fullmatch(value) is not None


def _is_id_number(field: pa.Field) -> bool:
    return pa.types.is_integer(field.type) and field.name.lower().endswith("id")


def _says(column: pa.ChunkedArray, name: str) -> bool:
    """Whether any text of the column may hold `name`."""
    while pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.list_flatten(column)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return False
    return bool(pc.any(pc.match_substring_regex(column, name)).as_py())


def _not(column: pa.ChunkedArray, value: str) -> pa.ChunkedArray:
    return pc.not_equal(column, value).fill_null(True)


def _without_answers(posts: pa.Table, account_id: str) -> pa.Table:
    """`posts` that no longer say which post of the account they answer; post ids are unique per author only."""
    theirs = pc.fill_null(pc.equal(posts["reply_to_account_id"], account_id), False)
    unsaid = pc.is_null(posts["reply_to_account_id"])
    written = posts["post_id"].filter(pc.equal(posts["account_id"], account_id)).combine_chunks()
    gone = pc.or_(theirs, pc.and_(unsaid, pc.is_in(posts["reply_to_post_id"], value_set=written)))
    kept = pc.if_else(gone, None, posts["reply_to_post_id"])
    return posts.set_column(posts.column_names.index("reply_to_post_id"), "reply_to_post_id", kept)


def _without_pairs(pairs: pa.Table, account_id: str) -> pa.Table:
    return pairs.filter(pc.and_(_not(pairs["source_id"], account_id), _not(pairs["target_id"], account_id)))
