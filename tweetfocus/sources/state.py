"""`CollectState`: everything a collection has read, paid and planned, in one SQLite file beside the tables made from it.

Two rules keep a kill harmless. Before a request goes out, its intent and the most that it can cost are committed. What it brought,
the place in its list and its cost are committed together. So the one page that may be read twice is a page that was under way.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from tweetfocus.data.records import Issue
from tweetfocus.errors import DataError, StorageError
from tweetfocus.sources.records import Clean
from tweetfocus.sources.source import Kind
from tweetfocus.sources.state_records import STATE_SCHEMA, end_list, keep, note

__all__ = ["STATE_FILE", "Bill", "CollectState", "Owner", "Read", "from_micros", "to_micros"]

STATE_FILE = "collect.sqlite"
_FORMAT = "1"
_MICRO = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One thing to read in a collection: a list with a place in it, or one account to look up."""

    id: int
    stage: int
    kind: Kind
    account_id: str
    most: int
    cursor: str | None
    items: int
    restarts: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose folder it is, and by which name a source was asked for them."""

    account_id: str
    label: str
    source: str
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a collection has cost, in US dollars; `uncertain` is the most that lost answers may have cost on top."""

    spent: Decimal = Decimal(0)
    uncertain: Decimal = Decimal(0)
    requests: int = 0
    lost: int = 0
    resources: Mapping[str, int] = field(default_factory=dict)


def to_micros(money: Decimal) -> int:
    """US dollars as whole millionths, rounded up.

    Example:
        >>> to_micros(Decimal("0.0100001"))
        10001
    """
    return int((money / _MICRO).to_integral_value(ROUND_CEILING))


def from_micros(micros: int) -> Decimal:
    """Millionths of a dollar as US dollars."""
    return micros * _MICRO


class CollectState:
    """The state of a dataset folder that `collect` fills; a second process that opens it is refused.

    Args:
        folder: the dataset folder, made when it is not there.

    Raises:
        StorageError: another process collects into the folder, or the file is damaged or of another version.

    Example:
        >>> import tempfile
        >>> with CollectState(tempfile.mkdtemp()) as state:
        ...     state.count("accounts")
        0
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / STATE_FILE
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
        except OSError as error:
            raise StorageError(f"{self.path}: cannot be made ({error.strerror or error})") from error
        self._bills: dict[int, Bill] = {}
        self._db = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            # the lock goes with the process, however that ends
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            with self.transaction():
                if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'").fetchone():
                    for statement in STATE_SCHEMA.split(";\n"):
                        self._db.execute(statement)
                    self.tell("format", _FORMAT)
                    self.tell("key", secrets.token_hex(16))
            if self.told("format") != _FORMAT:
                raise StorageError(f"{self.path}: made by another version of tweetfocus; collect into another folder")
        except sqlite3.DatabaseError as error:
            self._db.close()
            if "locked" in str(error):
                raise StorageError(f"{self.path}: another collect is at work in this folder; wait until it is done") from error
            raise StorageError(f"{self.path}: cannot be used ({error}); move it away to begin anew") from error
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> CollectState:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the folder."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing of it."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise
            raise StorageError(f"{self.path}: cannot be written ({error}); nothing of the last page was kept") from error

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise StorageError(f"{self.path}: cannot be read ({error}); move it away to begin anew") from error

    def each(self, query: str, *values: Any) -> sqlite3.Cursor:
        """The rows of a query, one by one."""
        return self._db.execute(query, values)

    def count(self, table: str, where: str = "1") -> int:
        """How many rows a table has."""
        return int(self.ask(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])  # noqa: S608 (names from this package)

    def told(self, name: str) -> str | None:
        """One fact about the folder: format, platform, owner."""
        found = self.ask("SELECT value FROM about WHERE name = ?", name)
        return found[0][0] if found else None

    def tell(self, name: str, value: str) -> None:
        """Keep one fact about the folder."""
        self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    # -- collections and their reads ------------------------------------------------------------------------------------------

    def belong_to(self, platform: str) -> None:
        """Note whose ids these are, or refuse ids of another platform."""
        before = self.told("platform")
        if before is not None and before != platform:
            raise DataError(f"{self.path.parent}: holds accounts of {before}; collect {platform} into another folder")
        self.tell("platform", platform)

    def _own(self, owner: Owner) -> None:
        """Note whose folder it is, or refuse to mix two people's."""
        before = self.told("owner")
        if before is not None and before != owner.account_id:
            raise DataError(
                f"{self.path.parent}: was collected for account {before}, not for {owner.label} ({owner.account_id}); "
                "use another folder"
            )
        self.tell("owner", owner.account_id)
        self.tell(f"handle of {owner.source}", owner.handle)
        self._db.execute("UPDATE accounts SET is_me = 1 WHERE account_id = ?", (owner.account_id,))

    def unfinished(self, source: str) -> tuple[int, int, int | None] | None:
        """The collection of this source that is not done: its id, stage, and the ceiling of the stage in micros."""
        found = self.ask("SELECT id, stage, ceiling FROM collections WHERE source = ? AND ended IS NULL", source)
        return found[0] if found else None

    def begin(self, source: str, now: float) -> int:
        """A new collection."""
        with self.transaction():
            made = self._db.execute("INSERT INTO collections (source, begun, stage) VALUES (?, ?, -1)", (source, now))
        return int(made.lastrowid or 0)

    def end(self, collection: int, now: float) -> None:
        """The collection has read all it wanted."""
        with self.transaction():
            self._db.execute("UPDATE collections SET ended = ? WHERE id = ?", (now, collection))

    def enter(self, collection: int, stage: int, reads: Iterable[tuple[Kind, str, int]], ceiling: int | None) -> None:
        """Go to the next stage: its reads as (kind, account id, most items), and how far the bill may go, in micros."""
        with self.transaction():
            self._db.execute("UPDATE collections SET stage = ?, ceiling = ? WHERE id = ?", (stage, ceiling, collection))
            self._db.executemany(
                "INSERT INTO reads (collection, stage, kind, account_id, most) VALUES (?, ?, ?, ?, ?)",
                [(collection, stage, kind.value, account_id, most) for kind, account_id, most in reads],
            )

    def open_reads(self, collection: int, stage: int | None = None) -> list[Read]:
        """What is still to read, in order; of one stage, or of all."""
        found = self.ask(
            "SELECT id, stage, kind, account_id, most, cursor, items, restarts FROM reads "
            "WHERE collection = ? AND state = 'open' AND (? IS NULL OR stage = ?) ORDER BY id",
            collection, stage, stage,
        )  # fmt: skip
        names = ("id", "stage", "kind", "account_id", "most", "cursor", "items", "restarts")
        return [Read(**{**dict(zip(names, row, strict=True)), "kind": Kind(row[2])}) for row in found]

    def fresh(self, source: str, since: float) -> set[tuple[str, str]]:
        """(kind, account id) of what this source has read since then."""
        return set(
            self.ask(
                "SELECT DISTINCT r.kind, r.account_id FROM reads r JOIN collections c ON c.id = r.collection "
                "WHERE c.source = ? AND r.state IN ('done', 'cut', 'missing') AND r.read_at >= ?",
                source, since,
            )
        )  # fmt: skip

    # -- money and requests ---------------------------------------------------------------------------------------------------

    def intend(self, collection: int, read: Read, bucket: str | None, reserve: Decimal, now: float) -> int:
        """Commit that a request goes out now, and what it may cost at the most; returns its number."""
        with self.transaction():
            made = self._db.execute(
                "INSERT INTO requests (collection, stage, kind, bucket, at, reserve) VALUES (?, ?, ?, ?, ?, ?)",
                (collection, read.stage, read.kind.value, bucket, now, to_micros(reserve)),
            )
        self._bills.pop(collection, None)
        return int(made.lastrowid or 0)

    def failed(self, request: int, *, lost: bool) -> None:
        """Note that a request brought nothing; a lost one may have been charged for."""
        with self.transaction():
            self._db.execute("UPDATE requests SET state = ? WHERE id = ?", ("lost" if lost else "failed", request))
        self._bills.clear()

    def charge(self, request: int, cost: Decimal) -> None:
        """Note what a request cost whose page could not be kept."""
        with self.transaction():
            self._db.execute("UPDATE requests SET state = 'read', cost = ? WHERE id = ?", (to_micros(cost), request))
        self._bills.clear()

    def bill(self, collection: int) -> Bill:
        """What a collection has cost."""
        if collection not in self._bills:
            spent, reserved, requests, lost = self.ask(
                "SELECT coalesce(sum(cost), 0), coalesce(sum(CASE WHEN state IN ('pending', 'lost') THEN reserve END), 0), "
                "count(*), count(CASE WHEN state IN ('pending', 'lost') THEN 1 END) FROM requests WHERE collection = ?",
                collection,
            )[0]
            self._bills[collection] = Bill(
                spent=from_micros(spent), uncertain=from_micros(reserved), requests=requests, lost=lost
            )
        return self._bills[collection]

    def itemised(self, collection: int) -> Bill:
        """The same with what was charged for."""
        resources: dict[str, int] = {}
        for (found,) in self.each("SELECT resources FROM requests WHERE collection = ? AND resources <> '{}'", collection):
            for name, number in json.loads(found).items():
                resources[name] = resources.get(name, 0) + number
        return replace(self.bill(collection), resources=resources)

    def request_times(self, bucket: str, since: float) -> list[float]:
        """When requests of one bucket went out."""
        return [at for (at,) in self.ask("SELECT at FROM requests WHERE bucket = ? AND at >= ? ORDER BY at", bucket, since)]

    # -- records --------------------------------------------------------------------------------------------------------------

    def close_reads(self, reads: Sequence[Read], state: str, now: float, issue: Issue | None = None) -> None:
        """End reads without a page: "refused", or "missing"."""
        with self.transaction():
            self._db.executemany("UPDATE reads SET state = ?, read_at = ? WHERE id = ?", [(state, now, r.id) for r in reads])
            note(self._db, [issue] if issue else [])

    def restart(self, read: Read) -> None:
        """Begin a list again, as its cursor is no longer known."""
        with self.transaction():
            self._db.execute("UPDATE reads SET cursor = NULL, items = 0, restarts = restarts + 1 WHERE id = ?", (read.id,))

    def commit(
        self,
        request: int,
        reads: Sequence[Read],
        page: Clean,
        *,
        cost: Decimal,
        state: str,
        now: float,
        owner: Owner | None = None,
    ) -> None:
        """Keep what a request brought, the place in its list, and its cost: all of it or nothing."""
        page = page.without({i for i in page.ids() if self.is_forgotten(i)})
        first = reads[0]
        with self.transaction():
            keep(self._db, page, first.id, now)
            if owner is not None:
                self._own(owner)
            if first.kind is Kind.LISTS:
                before = (self.told("lists") or "").split() if first.cursor else []
                self.tell("lists", " ".join(dict.fromkeys([*before, *page.lists])))
            items = first.items + page.items
            self._db.executemany(
                "UPDATE reads SET state = ?, cursor = ?, items = ?, read_at = ? WHERE id = ?",
                [(state, page.next_cursor, items, now, read.id) for read in reads],
            )
            if state in ("done", "cut"):
                end_list(self._db, first.kind, first.account_id, first.id, whole=state == "done")
            self._db.execute(
                "UPDATE requests SET state = 'read', cost = ?, items = ?, resources = ? WHERE id = ?",
                (to_micros(cost), page.items, json.dumps(page.resources, sort_keys=True), request),
            )
        self._bills.clear()

    def merge(self, accounts: Clean, now: float) -> None:
        """Take accounts from elsewhere, such as a table of the user's."""
        accounts = accounts.without({i for i in accounts.ids() if self.is_forgotten(i)})
        with self.transaction():
            keep(self._db, accounts, 0, now)

    # -- forgetting -----------------------------------------------------------------------------------------------------------

    def _mark(self, account_id: str) -> bytes:
        key = bytes.fromhex(self.told("key") or "")
        return hashlib.blake2b(account_id.encode("utf-8", "replace"), key=key, digest_size=16).digest()

    def is_forgotten(self, account_id: str) -> bool:
        """Whether this person was forgotten here; only a keyed hash of the id is kept."""
        return bool(self.ask("SELECT 1 FROM forgotten WHERE mark = ?", self._mark(account_id)))

    def remember_to_forget(self, account_id: str) -> None:
        """Never store this person again."""
        self._db.execute("INSERT OR IGNORE INTO forgotten VALUES (?)", (self._mark(account_id),))

    def vacuum(self) -> None:
        """Write the file anew, so that nothing deleted is left in it."""
        try:
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            raise StorageError(f"{self.path}: cannot be written anew ({error})") from error
