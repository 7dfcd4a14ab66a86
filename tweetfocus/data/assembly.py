"""From raw tables to the five clean ones of a `Dataset`: typed, de-duplicated, complete and in one order.

Whatever order the input came in, the tables that leave here are the same: rows are sorted by id, and where two records speak of the
same account or post, which of them wins depends on what they say, never on where they stood.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.columns import ARROW_TYPES, Problem, empty_column, parse_column
from tweetfocus.data.records import ACCOUNT_COLUMNS, FOLLOW_COLUMNS, POST_COLUMNS, Issue
from tweetfocus.data.tables import RawTable, as_text
from tweetfocus.errors import DataError

__all__ = ["REQUIRED", "SCHEMAS", "Tables", "empty_table", "normalise", "overlay", "parse_table"]

SCHEMAS: dict[str, dict[str, str]] = {
    "accounts": ACCOUNT_COLUMNS,
    "posts": POST_COLUMNS,
    "follows": FOLLOW_COLUMNS,
    "mutes": FOLLOW_COLUMNS,
    "blocks": FOLLOW_COLUMNS,
}
REQUIRED: dict[str, tuple[str, ...]] = {
    "accounts": ("account_id",),
    "posts": ("account_id", "text"),
    "follows": ("source_id", "target_id"),
    "mutes": ("source_id", "target_id"),
    "blocks": ("source_id", "target_id"),
}
# Where records disagree, what says most wins: the longest text, the largest number, the latest time, and true over false.
# But an opt-out in any record of a person counts, and things are as old as their earliest record.
_LEAST_WINS = ("discoverable", "created_at")


@dataclass(frozen=True, slots=True)
class Tables:
    """The five tables and what was wrong on the way."""

    accounts: pa.Table
    posts: pa.Table
    follows: pa.Table
    mutes: pa.Table
    blocks: pa.Table
    issues: tuple[Issue, ...] = ()


def empty_table(name: str) -> pa.Table:
    """Table `name` with no rows."""
    return pa.table({column: empty_column(kind, 0) for column, kind in SCHEMAS[name].items()})


def parse_table(name: str, raw: RawTable) -> tuple[pa.Table, list[Issue]]:
    """Type every column of `raw` by the schema of table `name`; leave out records without their required fields."""
    schema = SCHEMAS[name]
    issues = list(raw.issues)
    if not raw.columns and not len(raw.rows):
        if issues:
            raise DataError(f"{raw.file}: none of its {len(issues)} records can be read; the first: {issues[0]}")
        return empty_table(name), issues
    for field in REQUIRED[name]:
        if field not in raw.columns:
            near = difflib.get_close_matches(field, raw.columns, 1, 0.5)
            hint = f"; is it {near[0]!r}?" if near else ""
            found = ", ".join(raw.columns) or "none"
            raise DataError(f"{raw.file}: no column {field!r}, which {name} must have{hint} (columns found: {found})")
    length = len(raw.rows)
    keep = np.ones(length, dtype=bool)
    columns: dict[str, pa.Array] = {}
    for field, kind in schema.items():
        if field not in raw.columns:
            columns[field] = empty_column(kind, length)
            continue
        columns[field], problems = parse_column(raw.columns[field], kind)
        required = field in REQUIRED[name]
        faulty = {position for position, _ in problems}
        if required:
            lost = np.flatnonzero(columns[field].is_null().to_numpy(zero_copy_only=False))
            problems += [(int(p), "empty") for p in lost if int(p) not in faulty]
            keep[lost] = False
        for position, why in sorted(problems):
            replaced = columns[field][position].is_valid
            fate = "" if replaced else "; record left out" if required else "; value left out"
            issues.append(Issue(raw.file, raw.rows[position], field, why + fate))
    for field in sorted(set(raw.columns) - set(schema)):
        columns[field], problems = _extra(raw.columns[field])
        issues += [Issue(raw.file, raw.rows[position], field, why) for position, why in problems]
    table = pa.table(columns)
    return (table if keep.all() else table.filter(pa.array(keep))), issues


def _extra(raw: pa.ChunkedArray | Sequence[Any]) -> tuple[pa.Array, list[Problem]]:
    """A column the schema does not know: kept as it is, or as text where its values have no common type (objects as JSON)."""
    if not isinstance(raw, pa.ChunkedArray):
        try:
            column = pa.chunked_array([pa.array(raw)])
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            column = None
        if column is None or "struct<" in str(column.type):  # its fields would stand in the order of the first record
            return parse_column([as_text(value) for value in raw], "text")
        raw = column
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    if pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type) or pa.types.is_string_view(raw.type):
        return parse_column(raw, "text")
    return raw.combine_chunks(), []


def normalise(parts: Sequence[Tables], file: Mapping[str, str] | None = None) -> Tables:
    """Merge `parts` into one clean set of tables; `file` names the tables in issues."""
    file = file or {}
    issues = [issue for part in parts for issue in part.issues]
    accounts = _concat([part.accounts for part in parts])
    posts = _name_posts(_concat([part.posts for part in parts]))
    pairs: dict[str, pa.Table] = {}
    for name in ("follows", "mutes", "blocks"):
        pairs[name], remarks = _clean_pairs(_concat([getattr(part, name) for part in parts]))
        if name in file:
            issues += [Issue(file[name], None, None, remark) for remark in remarks]

    known = accounts["account_id"]
    mentioned = [table[c] for table in pairs.values() for c in ("source_id", "target_id")] + [posts["account_id"]]
    everyone = pc.unique(pa.chunked_array([chunk for column in mentioned for chunk in column.chunks], pa.string()))
    bare = everyone.filter(pc.invert(pc.is_in(everyone, value_set=known.combine_chunks())))
    if len(bare):
        rest = {f: pa.nulls(len(bare), accounts.schema.field(f).type) for f in accounts.column_names[1:]}
        accounts = pa.concat_tables([accounts, pa.table({"account_id": bare, **rest})])

    accounts, repeated = _merge_same(accounts, ("account_id",))
    posts, again = _merge_same(posts, ("account_id", "post_id"))
    for name, groups, what in (("accounts", repeated, "account_id"), ("posts", again, "post_id")):
        if name in file:
            issues += [
                Issue(file[name], None, what, f"{key[-1]!r} stands in {count} records; merged into one")
                for key, count in groups
            ]
    posts = posts.sort_by([("account_id", "ascending"), ("created_at", "ascending"), ("post_id", "ascending")])
    return Tables(accounts, posts.combine_chunks(), **pairs, issues=tuple(issues))


def overlay(old: Tables, new: Tables) -> Tables:
    """Both together; where they disagree, what `new` says wins, field by field, and what it leaves open stays as it was."""
    accounts = _overlay(old.accounts, new.accounts, ("account_id",))
    posts = _overlay(old.posts, new.posts, ("account_id", "post_id"))
    nothing = {name: empty_table(name) for name in ("accounts", "posts")}
    return normalise([replace(old, accounts=accounts, posts=posts), replace(new, **nothing)])


def _overlay(old: pa.Table, new: pa.Table, keys: Sequence[str]) -> pa.Table:
    both = _concat([old, new])
    before, after = both.slice(0, old.num_rows), both.slice(old.num_rows)

    def key(table: pa.Table) -> pa.Array:
        return pc.binary_join_element_wise(*(table[name].combine_chunks() for name in keys), "\0")

    place = pc.index_in(key(after), value_set=key(before))
    told = {name: _first_known(after[name], before[name].take(place)) for name in both.column_names}
    kept = before.filter(pc.invert(pc.is_in(key(before), value_set=key(after))))
    return pa.concat_tables([kept, pa.table(told, schema=both.schema)])


def _first_known(first: pa.ChunkedArray, second: pa.ChunkedArray) -> pa.Array:
    return pc.if_else(first.is_valid().combine_chunks(), first.combine_chunks(), second.combine_chunks())


def _concat(tables: Sequence[pa.Table]) -> pa.Table:
    """One table with the columns of all, in schema order first, then by name; conflicting extra columns become text."""
    if len(tables) > 1:
        types: dict[str, set[pa.DataType]] = {}
        for table in tables:
            for field in table.schema:
                types.setdefault(field.name, set()).add(field.type)
        clash = {n for n, found in types.items() if len({t for t in found if not pa.types.is_null(t)}) > 1}
        tables = [_to_text(table, clash) for table in tables]
    table = pa.concat_tables(tables, promote_options="permissive").replace_schema_metadata(None)
    known = next(s for s in SCHEMAS.values() if next(iter(s)) == table.column_names[0] and set(s) <= set(table.column_names))
    names = [*known, *sorted(set(table.column_names) - set(known))]
    return table.select(names).combine_chunks()


def _to_text(table: pa.Table, names: set[str]) -> pa.Table:
    for name in names & set(table.column_names):
        values = [as_text(value) for value in table[name].to_pylist()]
        table = table.set_column(table.column_names.index(name), name, pa.array(values, pa.large_string()))
    return table


def _name_posts(posts: pa.Table) -> pa.Table:
    """Give posts without an id one that follows from what they say, so that it is the same at every reading."""
    lost = np.flatnonzero(posts["post_id"].is_null().to_numpy())
    if not len(lost):
        return posts
    ids = posts["post_id"].to_pylist()
    for record, position in zip(posts.select(["account_id", "created_at", "text"]).take(lost).to_pylist(), lost, strict=True):
        said = "\0".join(str(record[c]) for c in ("account_id", "created_at", "text"))
        ids[position] = "text-" + hashlib.blake2b(said.encode(), digest_size=10).hexdigest()
    return posts.set_column(posts.column_names.index("post_id"), "post_id", pa.array(ids, ARROW_TYPES["id"]))


def _clean_pairs(pairs: pa.Table) -> tuple[pa.Table, list[str]]:
    """Without pairs of an account with itself and without repetitions, ordered by source and target."""
    remarks = []
    other = pc.not_equal(pairs["source_id"], pairs["target_id"])
    selves = pairs.num_rows - (pc.sum(other).as_py() or 0)
    if selves:
        remarks.append(f"{selves} accounts with themselves as target; left out")
        pairs = pairs.filter(other)
    once, groups = _merge_same(pairs, ("source_id", "target_id"))
    if groups:
        remarks.append(f"{pairs.num_rows - once.num_rows} repeated pairs; merged")
    return once, remarks


def _first_of_group(table: pa.Table, keys: Sequence[str]) -> npt.NDArray[np.bool_]:
    """In a table sorted by `keys`: which rows differ from the row before."""
    first = np.ones(table.num_rows, dtype=bool)
    if table.num_rows > 1:
        same = np.ones(table.num_rows - 1, dtype=bool)
        for key in keys:
            column = table[key].combine_chunks()
            same &= pc.equal(column.slice(1), column.slice(0, len(column) - 1)).to_numpy(zero_copy_only=False)
        first[1:] = ~same
    return first


def _merge_same(table: pa.Table, keys: Sequence[str]) -> tuple[pa.Table, list[tuple[tuple[str, ...], int]]]:
    """Sort by `keys` and merge the records that share them, column by column; also which there were, and how many of each."""
    table = table.sort_by([(key, "ascending") for key in keys]).combine_chunks()
    first = _first_of_group(table, keys)
    if first.all():
        return table, []
    starts = np.flatnonzero(first)
    sizes = np.diff(np.append(starts, table.num_rows))
    several = np.repeat(sizes > 1, sizes)
    repeated = table.filter(pa.array(several))
    ends = np.cumsum(sizes[sizes > 1]).tolist()
    spans = list(zip([0, *ends[:-1]], ends, strict=True))
    merged: dict[str, pa.Array] = {}
    for name in table.column_names:
        column = repeated[name].combine_chunks()
        if name in keys or column.null_count == len(column):
            merged[name] = column.take(pa.array([a for a, _ in spans]))
            continue
        values = column.to_pylist()
        merged[name] = pa.array([_join(name, values[a:b]) for a, b in spans], column.type)
    whole = pa.concat_tables([table.filter(pa.array(~several)), pa.table(merged, schema=table.schema)])
    named = zip(*(merged[key].to_pylist() for key in keys), strict=True)
    groups = [(name, b - a) for name, (a, b) in zip(named, spans, strict=True)]
    return whole.sort_by([(key, "ascending") for key in keys]).combine_chunks(), groups


def _join(name: str, values: Sequence[Any]) -> Any:
    """What several records of one thing say together: the same, whichever two of them are joined first."""
    said = [value for value in values if value is not None and value == value]  # noqa: PLR0124 (a NaN differs from itself)
    if not said:
        return None
    if name in _LEAST_WINS:
        return min(said)
    return max(said, key=lambda value: (len(value), repr(value)) if hasattr(value, "__len__") else value)
