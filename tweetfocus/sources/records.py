"""What a source sent, typed and checked like any other input: bad values are left out and listed, whoever sent them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from tweetfocus.data.assembly import SCHEMAS, parse_table
from tweetfocus.data.columns import ARROW_TYPES, parse_column
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Issue
from tweetfocus.data.tables import RawTable, raw_from_records
from tweetfocus.sources.source import Kind, Like, Page, Request

__all__ = ["PAIRS", "Clean", "clean_page", "clean_table"]

PAIRS = ("follows", "mutes", "blocks", "listed")
_COLLECTS_OWN = ("is_me", "is_source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """A page after checking. `profiles` are the accounts that need no look-up any more."""

    accounts: Sequence[Mapping[str, Any]] = ()
    posts: Sequence[Mapping[str, Any]] = ()
    pairs: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    likes: Sequence[Like] = ()
    lists: Sequence[str] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    profiles: frozenset[str] = frozenset()
    next_cursor: str | None = None
    items: int = 0
    resources: Mapping[str, int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def ids(self) -> set[str]:
        """Everybody who is named as an account."""
        found = set(self.mentioned()) | {account["account_id"] for account in self.accounts} | set(self.missing)
        found |= {like.author_id for like in self.likes if like.author_id}
        return found | {post["repost_of_account_id"] for post in self.posts if post["repost_of_account_id"]}

    def mentioned(self) -> Iterator[str]:
        """Accounts that pairs and posts are about."""
        for kind, pairs in self.pairs.items():
            for pair in pairs:
                if kind != "listed":
                    yield pair["source_id"]
                yield pair["target_id"]
        for post in self.posts:
            yield post["account_id"]

    def without(self, ids: set[str]) -> Clean:
        """All that is not about these people."""
        if not ids:
            return self

        def others(records: Sequence[Mapping[str, Any]], *names: str) -> list[Mapping[str, Any]]:
            return [record for record in records if not any(record[name] in ids for name in names)]

        references = ("reply_to_account_id", "quote_of_account_id")
        posts = [
            {**post, **{name: None for name in references if post[name] in ids}}
            for post in others(self.posts, "account_id", "repost_of_account_id")
        ]
        return replace(
            self,
            accounts=others(self.accounts, "account_id"),
            posts=posts,
            pairs={kind: others(pairs, "source_id", "target_id") for kind, pairs in self.pairs.items()},
            likes=[like for like in self.likes if like.author_id not in ids and like.account_id not in ids],
            missing={i: why for i, why in self.missing.items() if i not in ids},
            extra={i: more for i, more in self.extra.items() if i not in ids},
        )


def clean_page(page: Page, request: Request, name: str, *, profiles: bool) -> Clean:
    """Check a page of source `name`; `profiles` says that its accounts came with all there is to know."""
    who = request.account_ids[0] if len(request.account_ids) == 1 else ""
    place = " ".join([name, request.kind.value, *([f"of {who}"] if who else [])])
    issues = list(page.issues)

    def table(schema: str, records: Sequence[Any], what: str) -> list[dict[str, Any]]:
        if not records:
            return []
        raw = raw_from_records(records, list(SCHEMAS[schema]), f"{place}: {what}")
        columns = {name: _as_arrow(values, SCHEMAS[schema][name]) for name, values in raw.columns.items()}
        typed, found = parse_table(schema, replace(raw, columns=columns))
        issues.extend(found)
        return typed.to_pylist()

    accounts = table("accounts", page.accounts, "accounts")
    posts = _named(table("posts", page.posts, "posts")) if page.posts else []
    pairs = {
        kind: [pair for pair in table(kind, getattr(page, kind), kind) if pair["source_id"] != pair["target_id"]]
        for kind in ("follows", "mutes", "blocks")
    }
    members = [member for member in _ids(page.members, f"{place}: members", issues) if request.account_ids]
    pairs["listed"] = [{"source_id": who, "target_id": member, "created_at": None} for member in members]
    missing = {i: str(why)[:200] for i, why in page.missing.items() if _ids([i], f"{place}: missing", issues)}
    if request.kind is Kind.ACCOUNTS:
        found = {account["account_id"] for account in accounts}
        missing.update({i: "not found" for i in request.account_ids if i not in found and i not in missing})
        known = frozenset(found)
    else:
        known = frozenset(account["account_id"] for account in accounts if profiles)
    return Clean(
        accounts=accounts,
        posts=posts,
        pairs=pairs,
        likes=_likes(page.likes, f"{place}: likes", issues),
        lists=_ids(page.lists, f"{place}: lists", issues),
        missing=missing,
        extra={i: dict(more) for i, more in page.extra.items()},
        profiles=known,
        next_cursor=page.next_cursor,
        items=page.items,
        resources=dict(page.resources),
        issues=issues,
    )


def clean_table(raw: RawTable) -> Clean:
    """Check a table of accounts that the user gives; its own columns become `extra`."""
    table, issues = parse_table("accounts", raw)
    data = Dataset.from_frames(table)
    own = [name for name in _COLLECTS_OWN if data.accounts[name].null_count < len(data)]
    issues += [Issue(raw.file, None, name, "is for collect to say; column left out") for name in own]
    schema = SCHEMAS["accounts"]
    accounts = data.accounts.to_pylist()
    extra = {
        account["account_id"]: more
        for account in accounts
        if (more := {name: _json_value(v) for name, v in account.items() if name not in schema and v is not None})
    }
    return Clean(
        accounts=accounts,
        extra=extra,
        profiles=frozenset(account["account_id"] for account in accounts if account["bio"] is not None),
        issues=[*issues, *(replace(issue, file=raw.file) for issue in data.issues)],
    )


def _as_arrow(values: Any, kind: str) -> Any:
    """A column as Arrow where it is clean, so that it is checked all at once; else as it is, to be checked value by value."""
    if kind == "list":
        return values
    try:
        return pa.chunked_array([pa.array(values, ARROW_TYPES[kind])])
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return values


def _named(posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Posts without an id get the one that a dataset would give them."""
    if all(post["post_id"] is not None for post in posts):
        return posts
    from tweetfocus.data.records import Post

    return Dataset.from_records(posts=[Post(**post) for post in posts]).posts.to_pylist()


def _ids(raw: Sequence[Any], place: str, issues: list[Issue]) -> list[str]:
    column, problems = parse_column(list(raw), "id")
    issues.extend(Issue(place, position + 1, None, f"{why}; left out") for position, why in problems)
    return [value for value in column.to_pylist() if value is not None]


def _likes(likes: Sequence[Like], place: str, issues: list[Issue]) -> list[Like]:
    if not likes:
        return []
    kinds = {"account_id": "id", "post_id": "id", "author_id": "id", "text": "text", "created_at": "time"}
    columns: dict[str, list[Any]] = {}
    for name, kind in kinds.items():
        column, problems = parse_column([getattr(like, name) for like in likes], kind)
        issues.extend(Issue(place, position + 1, name, why) for position, why in problems)
        columns[name] = column.to_pylist()
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [Like(**row) for row in rows if row["account_id"] is not None and row["post_id"] is not None]


def _json_value(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool)) else json.loads(json.dumps(value, default=str))
