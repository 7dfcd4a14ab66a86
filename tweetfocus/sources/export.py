"""From the state of a collection to the tables of a dataset folder, row group by row group, each file whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tweetfocus.data.assembly import SCHEMAS, parse_table
from tweetfocus.data.columns import ARROW_TYPES
from tweetfocus.data.tables import RawTable, find_table, replacing
from tweetfocus.errors import StorageError
from tweetfocus.sources.state import STATE_FILE, CollectState

__all__ = ["LIKE_COLUMNS", "check_folder", "state_tables", "write_tables"]

_ROWS = 20_000
LIKE_COLUMNS = {"account_id": "id", "post_id": "id", "author_id": "id", "text": "text", "created_at": "time"}


def check_folder(folder: Path) -> None:
    """Refuse, before anything is read, a folder whose tables are somebody else's.

    Raises:
        StorageError: there are tables that `collect` has not made, or in another format.
    """
    for name in SCHEMAS:
        there = find_table(folder, name) if folder.is_dir() else None
        if there and (there.suffix != ".parquet" or not (folder / STATE_FILE).is_file()):
            raise StorageError(
                f"{folder}: {there.name} is there, and collect has not made it; collect into another folder "
                "(accounts of your own can be added with --accounts)"
            )


def write_tables(state: CollectState, folder: Path) -> None:
    """Write accounts, posts, follows, mutes and blocks, and likes where there are any."""
    for name in (*SCHEMAS, "likes"):
        if name == "likes" and not state.count("likes") and not (folder / "likes.parquet").is_file():
            continue
        batches = state_tables(state, name)
        first = next(batches)
        with replacing(folder / f"{name}.parquet") as file, pq.ParquetWriter(file, first.schema) as writer:
            writer.write_table(first)
            for batch in batches:
                writer.write_table(batch)


def state_tables(state: CollectState, name: str) -> Iterator[pa.Table]:
    """One table of the dataset in pieces, at least one."""
    if name == "accounts":
        return _accounts(state)
    if name == "posts":
        columns = SCHEMAS["posts"]
        return _pieces(state, columns, "SELECT {} FROM posts ORDER BY account_id, created_at, post_id", ())
    if name == "likes":
        return _pieces(state, LIKE_COLUMNS, "SELECT {} FROM likes ORDER BY account_id, post_id", ())
    query = "SELECT {} FROM pairs WHERE kind = ? ORDER BY source_id, target_id"
    return _pieces(state, SCHEMAS[name], query, (name,))


def _pieces(state: CollectState, columns: dict[str, str], query: str, values: tuple[Any, ...]) -> Iterator[pa.Table]:
    rows = state.each(query.format(", ".join(columns)), *values)
    piece = rows.fetchmany(_ROWS)
    yield _typed(columns, piece)
    while piece := rows.fetchmany(_ROWS):
        yield _typed(columns, piece)


def _typed(columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    turned: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pa.table({name: _column(kind, values) for (name, kind), values in zip(columns.items(), turned, strict=True)})


def _column(kind: str, values: Sequence[Any]) -> pa.Array:
    if kind == "time":
        return pa.array(values, pa.int64()).cast(ARROW_TYPES["time"])
    if kind == "flag":
        return pa.array([None if value is None else bool(value) for value in values], pa.bool_())
    if kind == "list":
        return pa.array([None if value is None else json.loads(value) for value in values], ARROW_TYPES["list"])
    return pa.array(values, ARROW_TYPES[kind])


def _accounts(state: CollectState) -> Iterator[pa.Table]:
    """All accounts at once, as their further columns are known only when all have been seen."""
    columns = SCHEMAS["accounts"]
    rows = state.ask(f"SELECT {', '.join(columns)}, extra, gone FROM accounts ORDER BY account_id")  # noqa: S608
    table = _typed(columns, [row[:-2] for row in rows])
    # who is gone cannot be followed: the tables have no other word for "do not suggest"
    seen = [False if row[-1] is not None else value for row, value in zip(rows, table["discoverable"].to_pylist(), strict=True)]
    table = table.set_column(table.column_names.index("discoverable"), "discoverable", pa.array(seen, pa.bool_()))
    more = [json.loads(row[-2]) if row[-2] else {} for row in rows]
    names = sorted({name for extra in more for name in extra} - set(columns))
    raw: dict[str, Any] = {"account_id": table["account_id"]}
    raw |= {name: [extra.get(name) for extra in more] for name in names}
    typed, _ = parse_table("accounts", RawTable("accounts", raw, range(1, len(rows) + 1)))
    for name in names:
        table = table.append_column(name, typed[name])
    yield table
