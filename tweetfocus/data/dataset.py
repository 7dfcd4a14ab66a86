"""`Dataset`: people, posts and follows as immutable columns in one order, and `read_dataset`, which makes one from a folder."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tweetfocus.data.assembly import SCHEMAS, Tables, empty_table, normalise, overlay, parse_table
from tweetfocus.data.digest import content_digest
from tweetfocus.data.forgetting import without_account
from tweetfocus.data.records import Account, Follow, Issue, Post
from tweetfocus.data.showing import Section, html_page, to_backend
from tweetfocus.data.tables import FORMATS, RawTable, find_table, raw_from_frame, raw_from_records, read_table, write_table
from tweetfocus.errors import DataError, InvalidRequest, StorageError, UnknownAccount

__all__ = ["Dataset", "read_dataset"]


def read_dataset(folder: str | PathLike[str]) -> Dataset:
    r"""Read a dataset folder: `accounts`, and if there `posts`, `follows`, `mutes`, `blocks`, each as .parquet, .csv or .jsonl.

    Only `account_id` (and of posts `text`; of follows, mutes and blocks `source_id` and `target_id`) must be there; columns that
    the schema does not know are kept. Values and records that cannot be read are left out, counted and listed in `issues`.

    Args:
        folder: the dataset folder.

    Returns:
        The dataset; its rows are ordered by account id, whatever the order in the files.

    Raises:
        DataError: no such folder, no accounts in it, an unreadable file, or a required column missing.

    Example:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "accounts.csv").write_text("account_id,bio\n2,Heat pumps\n1,Data pipelines\n")
        >>> read_dataset(folder)
        Dataset(2 accounts, 0 posts, 0 follows)
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder")
    paths = {name: path for name in SCHEMAS if (path := find_table(folder, name))}
    if "accounts" not in paths:
        wanted = " or ".join(f"accounts.{form}" for form in FORMATS)
        raise DataError(f"{folder}: not a dataset folder; it needs {wanted}, with a column account_id")
    return _from_raw({name: read_table(path) for name, path in paths.items()})


def _from_raw(raw: Mapping[str, RawTable]) -> Dataset:
    tables: dict[str, pa.Table] = {}
    issues: list[Issue] = []
    for name in SCHEMAS:
        if name in raw:
            tables[name], found = parse_table(name, raw[name])
            issues += found
        else:
            tables[name] = empty_table(name)
    part = Tables(**tables, issues=tuple(issues))
    return Dataset._of(normalise([part], {name: table.file for name, table in raw.items()}))


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """People, their posts and whom they follow: immutable Arrow tables whose rows are in id order.

    An account's row number is its identity everywhere else in the library: in vectors, graph, signals and scores.

    Attributes:
        accounts: one row per account, ordered by `account_id`; an account known only from a follow or a post has all else null.
        posts: ordered by account, then time, then `post_id`.
        follows, mutes, blocks: `source_id`, `target_id`, `created_at`, ordered, without repetitions or selves.
        issues: what could not be read as it stood, see `Issue`.

    Example:
        >>> data = Dataset.from_records([Account(account_id="1", username="ana")], follows=[Follow(source_id="1", target_id="2")])
        >>> data
        Dataset(2 accounts, 0 posts, 1 follows)
        >>> data.row("@ana"), data.label(1)
        (0, '2')
    """

    accounts: pa.Table
    posts: pa.Table
    follows: pa.Table
    mutes: pa.Table
    blocks: pa.Table
    issues: tuple[Issue, ...] = ()

    @classmethod
    def _of(cls, tables: Tables) -> Dataset:
        return cls(**{field.name: getattr(tables, field.name) for field in fields(tables)})

    @classmethod
    def from_records(
        cls,
        accounts: Iterable[Account] = (),
        *,
        posts: Iterable[Post] = (),
        follows: Iterable[Follow] = (),
        mutes: Iterable[Follow] = (),
        blocks: Iterable[Follow] = (),
    ) -> Dataset:
        """Make a dataset from single values.

        Example:
            >>> Dataset.from_records([Account(account_id="1")], posts=[Post(account_id="1", text="Hello")])
            Dataset(1 accounts, 1 posts, 0 follows)
        """
        given = {"accounts": accounts, "posts": posts, "follows": follows, "mutes": mutes, "blocks": blocks}
        return _from_raw({n: raw_from_records(records, list(SCHEMAS[n]), n) for n, records in given.items()})

    @classmethod
    def from_frames(
        cls, accounts: Any, *, posts: Any = None, follows: Any = None, mutes: Any = None, blocks: Any = None
    ) -> Dataset:
        """Make a dataset from dataframes of any library that speaks Arrow: pandas, polars, pyarrow, DuckDB.

        Raises:
            DataError: something that is not a dataframe, or a required column missing.

        Example:
            >>> import pyarrow
            >>> Dataset.from_frames(pyarrow.table({"account_id": [10, 9], "bio": ["Chef", None]}))
            Dataset(2 accounts, 0 posts, 0 follows)
        """
        given = {"accounts": accounts, "posts": posts, "follows": follows, "mutes": mutes, "blocks": blocks}
        return _from_raw({n: raw_from_frame(frame, n) for n, frame in given.items() if frame is not None})

    def __len__(self) -> int:
        return int(self.accounts.num_rows)

    def __repr__(self) -> str:
        text = f"{len(self):,} accounts, {self.posts.num_rows:,} posts, {self.follows.num_rows:,} follows"
        return f"Dataset({text}{f', {len(self.issues):,} issues' if self.issues else ''})"

    # -- who is where ---------------------------------------------------------------------------------------------------------

    def to_frame(self, backend: str = "pyarrow", *, table: str = "accounts") -> Any:
        """One of its tables as a dataframe, as it is kept: "accounts", "posts", "follows", "mutes" or "blocks".

        Raises:
            InvalidRequest: no such backend or table.
            ImportError: the backend is not installed.
        """
        tables = {name: getattr(self, name) for name in ("accounts", "posts", "follows", "mutes", "blocks")}
        if table not in tables:
            raise InvalidRequest(f"table must be one of {', '.join(tables)}, not {table!r}")
        return to_backend(tables[table], backend)

    def _repr_html_(self) -> str:
        first = self.accounts.slice(0, 6).select(["account_id", "username", "name", "bio"]).to_pylist()
        rows: list[tuple[object, ...]] = [tuple(record.values()) for record in first[:5]]
        if len(self) > len(rows):
            rows.append((f"and {len(self) - len(rows):,} more", "", "", ""))
        notes = [f"{len(self.issues):,} records could not be taken as they stood: see issues"] if self.issues else []
        return html_page(repr(self), notes, [Section("", ("account_id", "username", "name", "bio"), rows)])

    def row(self, who: str) -> int:
        """The row of an account, by account id or @username (in any case; an id is tried first unless there is an @).

        `"@me"` also finds the one account marked `is_me`.

        Raises:
            UnknownAccount: nobody of that name; the message suggests near ones.
            InvalidRequest: not a text.
            DataError: several accounts have that username.

        Example:
            >>> Dataset.from_records([Account(account_id="7", username="Ana")]).row("@ana")
            0
        """
        if not isinstance(who, str):
            raise InvalidRequest(f"accounts are named by text: write {str(who)!r}, not {who!r}")
        who = who.encode("utf-8", "replace").decode("utf-8")  # a command line may bring bytes that are not UTF-8
        name = who.strip().removeprefix("@")
        by_name = self._rows_by_username(name)
        row = self._row_by_id(name if who.strip().startswith("@") else who.strip())
        if who.strip().startswith("@") or row is None:
            if len(by_name) > 1:
                ids = ", ".join(self.account_id(r) for r in by_name[:5])
                raise DataError(f"username {name!r} belongs to several accounts; ask by account id ({ids})")
            if by_name:
                return by_name[0]
            if name == "me" and row is None:
                mine = np.flatnonzero(self.accounts["is_me"].fill_null(False).to_numpy())
                row = int(mine[0]) if len(mine) == 1 else None
        if row is None:
            raise UnknownAccount(who, near=self._near(name))
        return row

    def _row_by_id(self, account_id: str) -> int | None:
        ids, low, high = self.accounts["account_id"], 0, len(self)
        while low < high:  # rows are in id order
            middle = (low + high) // 2
            if ids[middle].as_py() < account_id:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and ids[low].as_py() == account_id else None

    def _rows_by_username(self, name: str) -> list[int]:
        same = pc.equal(self._folded_usernames, pc.utf8_lower(pa.scalar(name))).fill_null(False)
        return [int(r) for r in np.flatnonzero(same.to_numpy())]

    @cached_property
    def _folded_usernames(self) -> pa.ChunkedArray:
        return pc.utf8_lower(self.accounts["username"])

    def _near(self, name: str) -> list[str]:
        names = pc.drop_null(self._folded_usernames)
        ids = self.accounts["account_id"]
        if len(self) > 20_000 and name:  # comparing with everybody would take seconds
            names = names.filter(pc.starts_with(names, name[:1].lower()))
            ids = ids.filter(pc.starts_with(ids, name[:2]))
        near = ["@" + n for n in difflib.get_close_matches(name.lower(), names.to_pylist(), 3)]
        return near or difflib.get_close_matches(name, ids.to_pylist(), 3)

    def rows_of(self, ids: pa.ChunkedArray | pa.Array | Sequence[str]) -> npt.NDArray[np.int64]:
        """Rows of many account ids at once, -1 where an id is unknown (or null)."""
        column = ids if isinstance(ids, (pa.ChunkedArray, pa.Array)) else pa.array(ids, pa.string())
        if not len(column):  # mutes and blocks, mostly: no reason to make a table of a million ids
            return np.zeros(0, dtype=np.int64)
        found = pc.index_in(column, value_set=self.accounts["account_id"].combine_chunks(), skip_nulls=True)
        rows: npt.NDArray[np.int64] = found.fill_null(-1).to_numpy().astype(np.int64)
        return rows

    def account_id(self, row: int) -> str:
        """The id of the account in `row`."""
        return str(self.accounts["account_id"][row].as_py())

    def username(self, row: int) -> str | None:
        """The username of the account in `row`, where it is known."""
        name: str | None = self.accounts["username"][row].as_py()
        return name

    def label(self, row: int) -> str:
        """What to call the account in `row`: its @username, or its id."""
        name = self.username(row)
        return f"@{name}" if name else self.account_id(row)

    def records(self, rows: npt.ArrayLike, columns: Sequence[str]) -> list[dict[str, Any]]:
        """Some columns of the accounts in `rows`, in the order of `rows`: read together, many cost little more than one.

        Example:
            >>> data = Dataset.from_records([Account(account_id="1", username="ana"), Account(account_id="2")])
            >>> data.records([1, 0], ["account_id", "username"])
            [{'account_id': '2', 'username': None}, {'account_id': '1', 'username': 'ana'}]
        """
        found: list[dict[str, Any]] = self.accounts.select(columns).take(pa.array(rows, pa.int64())).to_pylist()
        return found

    def account(self, who: str) -> Account:
        """One account as a value; by account id or @username, as in `row`."""
        record = self.accounts.slice(self.row(who), 1).to_pylist()[0]
        return Account(**{name: record[name] for name in SCHEMAS["accounts"]})

    @cached_property
    def post_offsets(self) -> npt.NDArray[np.int64]:
        """(n + 1,) the posts of row `i` are `posts[post_offsets[i]:post_offsets[i + 1]]`."""
        counts = np.bincount(self.post_authors, minlength=len(self))
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @cached_property
    def post_authors(self) -> npt.NDArray[np.int64]:
        """(posts,) the row of each post's author."""
        return self.rows_of(self.posts["account_id"])

    def pair_rows(self, table: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Source and target rows of `"follows"`, `"mutes"` or `"blocks"`."""
        pairs: pa.Table = getattr(self, table)
        return self.rows_of(pairs["source_id"]), self.rows_of(pairs["target_id"])

    @cached_property
    def mute_rows(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Source and target rows of `mutes`; to look ids up among a million accounts takes longer than a question."""
        return self.pair_rows("mutes")

    @cached_property
    def block_rows(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Source and target rows of `blocks`."""
        return self.pair_rows("blocks")

    @cached_property
    def protected(self) -> npt.NDArray[np.bool_]:
        """(n,) who shows posts to approved followers only."""
        return np.asarray(self.accounts["protected"].fill_null(False), dtype=bool)

    @cached_property
    def opted_out(self) -> npt.NDArray[np.bool_]:
        """(n,) who does not want to be found."""
        return ~np.asarray(self.accounts["discoverable"].fill_null(True), dtype=bool)

    @cached_property
    def called_spam(self) -> npt.NDArray[np.bool_]:
        """(n,) whom moderators call spam, scam or impersonation, where a source has told (column `moderation`)."""
        said = self.accounts["moderation"] if "moderation" in self.accounts.column_names else pa.nulls(0)
        if said.type not in (pa.string(), pa.large_string()):
            return np.zeros(len(self), dtype=bool)
        return np.asarray(pc.match_substring_regex(said, r"\b(spam|scam|impersonation)\b").fill_null(False), dtype=bool)

    # -- whole datasets -------------------------------------------------------------------------------------------------------

    def merge(self, other: Dataset) -> Dataset:
        """Both together, in whatever order.

        Where they disagree on a field of the same account or post, what says most wins: the longest text, the largest number, the
        latest time (of `created_at`, the earliest). An opt-out in either of them counts.

        Example:
            >>> one = Dataset.from_records([Account(account_id="1", bio="Chef")])
            >>> two = Dataset.from_records([Account(account_id="1", username="ana"), Account(account_id="2")])
            >>> one.merge(two).account("@ana").bio
            'Chef'
        """
        return Dataset._of(normalise([self._tables(), other._tables()]))

    def update(self, newer: Dataset) -> Dataset:
        """Both together, where `newer` was read later: what it says of an account or a post replaces what was known.

        What it leaves open stays. Follows, mutes and blocks add up: a missing pair does not say that it has ended.

        Example:
            >>> old = Dataset.from_records([Account(account_id="1", username="ana", bio="Chef de partie")])
            >>> old.update(Dataset.from_records([Account(account_id="1", bio="Chef")])).account("@ana").bio
            'Chef'
        """
        return Dataset._of(overlay(self._tables(), newer._tables()))

    def forget(self, account_id: str) -> Dataset:
        """A copy without that person: account, posts, follows, mutes, blocks, reposts of them, and mentions of them by others.

        Raises:
            UnknownAccount: nobody of that name.

        Example:
            >>> data = Dataset.from_records([Account(account_id="1"), Account(account_id="2")])
            >>> len(data.forget("2"))
            1
        """
        row = self.row(account_id)
        return Dataset._of(without_account(self._tables(), self.account_id(row), self.username(row)))

    def _tables(self) -> Tables:
        return Tables(**{field.name: getattr(self, field.name) for field in fields(Tables)})

    def write(self, folder: str | PathLike[str], *, format: str = "parquet") -> None:  # noqa: A002
        """Write the five tables into `folder` as "parquet", "csv" or "jsonl"; each file appears whole or not at all.

        Raises:
            StorageError: the folder cannot be written, or holds a table in another format already.

        Example:
            >>> import tempfile
            >>> folder = tempfile.mkdtemp()
            >>> Dataset.from_records([Account(account_id="1")]).write(folder, format="jsonl")
            >>> read_dataset(folder)
            Dataset(1 accounts, 0 posts, 0 follows)
        """
        if format not in FORMATS:
            raise DataError(f"format {format!r} is none of {', '.join(FORMATS)}")
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{folder}: cannot be made ({error.strerror or error})") from error
        for name in SCHEMAS:
            there = find_table(folder, name)
            if there and there.suffix != f".{format}":
                raise StorageError(
                    f"{folder}: {there.name} is there already; write to another folder, or as {there.suffix[1:]}"
                )
        for name in SCHEMAS:
            write_table(getattr(self, name), folder / f"{name}.{format}")

    def texts(self) -> set[str]:
        """All that anybody wrote: every bio and every post."""
        return {text for column in (self.accounts["bio"], self.posts["text"]) for text in column.to_pylist() if text}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything but the issues: equal datasets have equal digests, whatever files they came from."""
        return content_digest({name: getattr(self, name) for name in SCHEMAS})
