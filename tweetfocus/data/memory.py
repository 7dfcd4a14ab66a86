"""`Memory`: what a person was shown, dismissed, put off or followed, in a small file of their own.

One SQLite file: changes are whole or not at all, and two programs may write at once. It holds account ids and days, no texts or names.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from os import PathLike
from pathlib import Path

from tweetfocus.errors import InvalidRequest, StorageError

__all__ = ["DISMISSED_DAYS", "Memory", "Remembered", "days_from"]

DISMISSED_DAYS = 180  # for which a dismissed account does not come back
_APPLICATION = 0x7466_6D65  # "tfme", in the header of the file: another program's database is not ours to change
_COLUMNS = {
    "shown": "INTEGER NOT NULL DEFAULT 0",
    "shown_on": "TEXT",
    "dismissed_on": "TEXT",
    "snoozed_until": "TEXT",
    "followed_on": "TEXT",
}
_WAIT = 60  # seconds for another program that is writing


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of one account for one person.

    Attributes:
        shown: on how many days it was suggested.
        shown_on: the last of them.
        dismissed_on: when it was dismissed.
        snoozed_until: the first day on which it may come back.
        followed_on: when the person said that they follow it now.

    Example:
        >>> Remembered(dismissed_on=date(2026, 3, 1)).dismissed(date(2026, 8, 27))
        True
        >>> Remembered(dismissed_on=date(2026, 3, 1)).dismissed(date(2026, 8, 28))
        False
    """

    shown: int = 0
    shown_on: date | None = None
    dismissed_on: date | None = None
    snoozed_until: date | None = None
    followed_on: date | None = None

    def dismissed(self, today: date) -> bool:
        """Whether a dismissal still holds; also where the clock has been turned back."""
        return self.dismissed_on is not None and (today - self.dismissed_on).days < DISMISSED_DAYS

    def snoozed(self, today: date) -> bool:
        """Whether it has been put off to a day after today."""
        return self.snoozed_until is not None and today < self.snoozed_until


class Memory:
    """What each person who asks was shown, dismissed, put off or followed, by account id.

    Args:
        path: the file; made when something is first remembered.

    Raises:
        StorageError: the folder or the file cannot be used.

    Example:
        >>> import pathlib, tempfile
        >>> memory = Memory(pathlib.Path(tempfile.mkdtemp()) / "memory.sqlite")
        >>> memory.dismiss("1", ["7"], on=date(2026, 3, 1))
        >>> memory.of("1")
        {'7': Remembered(shown=0, shown_on=None, dismissed_on=datetime.date(2026, 3, 1), snoozed_until=None, followed_on=None)}
        >>> memory.forget("7")
        1
        >>> memory.of("1")
        {}
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Memory({str(self.path)!r})"

    def of(self, who: str) -> dict[str, Remembered]:
        """Everything remembered for the person with the account id `who`, by account id."""
        if not self.path.exists():
            return {}
        with self._open() as db:
            asked = f"SELECT account, {', '.join(_COLUMNS)} FROM memory WHERE who = ? ORDER BY account"  # noqa: S608 (our own names)
            rows = db.execute(asked, (who,)).fetchall()
        try:
            return {account: Remembered(int(shown), *map(_day, days)) for account, shown, *days in rows}
        except (TypeError, ValueError) as error:
            raise StorageError(f"{self.path}: holds something other than days ({error}); restore or delete it") from error

    def show(self, who: str, accounts: Iterable[str], *, on: date) -> None:
        """Remember that `accounts` were suggested to `who`; twice on one day is once."""
        self._change(
            who,
            accounts,
            "INSERT INTO memory (who, account, shown, shown_on) VALUES (?1, ?2, 1, ?3) ON CONFLICT (who, account) DO UPDATE "
            "SET shown = shown + (shown_on IS NOT ?3), shown_on = ?3",
            on,
        )

    def dismiss(self, who: str, accounts: Iterable[str], *, on: date) -> None:
        """`who` does not want `accounts`: they do not come back for `DISMISSED_DAYS` days."""
        self._set(who, accounts, "dismissed_on", on)

    def snooze(self, who: str, accounts: Iterable[str], *, until: date) -> None:
        """`who` does not want `accounts` before the day `until`."""
        self._set(who, accounts, "snoozed_until", until)

    def follow(self, who: str, accounts: Iterable[str], *, on: date) -> None:
        """`who` follows `accounts` now, though the dataset may not know it yet."""
        self._set(who, accounts, "followed_on", on)

    def undo(self, who: str, accounts: Iterable[str]) -> None:
        """Take back whatever `who` said about `accounts`: dismissed, put off, followed. That they were shown stays."""
        change = (
            "UPDATE memory SET dismissed_on = NULL, snoozed_until = NULL, followed_on = NULL WHERE who = ?1 AND account = ?2"
        )
        self._change(who, accounts, change)

    def forget(self, account_id: str) -> int:
        """Remove an account, as one suggested and as one who asks; returns how many entries went. The file is then written anew."""
        if not self.path.exists():
            return 0
        with self._open() as db:
            gone = db.execute("DELETE FROM memory WHERE who = ?1 OR account = ?1", (account_id,)).rowcount
        if gone:
            with self._open() as db:
                db.execute("VACUUM")
        return gone

    def _set(self, who: str, accounts: Iterable[str], column: str, day: date) -> None:
        change = (
            f"INSERT INTO memory (who, account, {column}) VALUES (?1, ?2, ?3) "  # noqa: S608 (our own names)
            f"ON CONFLICT (who, account) DO UPDATE SET {column} = ?3"
        )
        self._change(who, accounts, change, day)

    def _change(self, who: str, accounts: Iterable[str], change: str, day: date | None = None) -> None:
        if isinstance(accounts, str):
            raise InvalidRequest("accounts is a list of account ids, not one text")
        named = sorted(set(accounts))
        wrong = [name for name in (who, *named) if not isinstance(name, str) or not name]
        if wrong:
            raise InvalidRequest(f"account ids are texts, not {wrong[0]!r}")
        said = () if day is None else (_checked(day).isoformat(),)
        with self._open() as db:
            db.executemany(change, [(who, name, *said) for name in named])

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(sqlite3.connect(self.path, timeout=_WAIT)) as db:
                self._prepare(db)
                with db:
                    yield db
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(f"{self.path}: not usable as a memory ({error}); name another file, or restore it") from error

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA secure_delete = ON")  # what is forgotten leaves no trace in the file
        if _is_ours(db):
            return
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        with db:
            db.execute("BEGIN IMMEDIATE")  # looked at and made as one: another program may be making it just now
            if _is_ours(db):
                return
            if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise StorageError(f"{self.path}: is a database of something else; name another file")
            db.execute(f"CREATE TABLE memory (who TEXT, account TEXT, {columns}, PRIMARY KEY (who, account)) WITHOUT ROWID")
            db.execute(f"PRAGMA application_id = {_APPLICATION}")


def _is_ours(db: sqlite3.Connection) -> bool:
    return bool(db.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION)


def _checked(day: date) -> date:
    if not isinstance(day, date) or hasattr(day, "hour"):
        raise InvalidRequest(f"days are dates, not {day!r}")
    return day


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)


def days_from(day: date, days: int) -> date:
    """The day so many days later; the last of the calendar where that is further away."""
    return day + timedelta(days=min(days, (date.max - day).days))
