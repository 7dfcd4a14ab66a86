from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from tweetfocus.data.memory import DISMISSED_DAYS, Memory, Remembered, days_from
from tweetfocus.errors import InvalidRequest, StorageError

DAY = date(2026, 3, 1)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "new folder" / "memory.sqlite")


def test_nothing_is_remembered_and_nothing_written_at_first(memory: Memory) -> None:
    assert memory.of("1") == {}
    assert memory.forget("1") == 0
    assert not memory.path.exists()


def test_everything_that_is_said_is_remembered(memory: Memory) -> None:
    memory.show("1", ["7", "8"], on=DAY)
    memory.dismiss("1", ["7"], on=DAY)
    memory.snooze("1", ["8"], until=DAY + timedelta(days=30))
    memory.follow("1", ["9"], on=DAY)
    assert Memory(memory.path).of("1") == {
        "7": Remembered(1, DAY, dismissed_on=DAY),
        "8": Remembered(1, DAY, snoozed_until=date(2026, 3, 31)),
        "9": Remembered(followed_on=DAY),
    }


def test_people_who_ask_do_not_see_each_other(memory: Memory) -> None:
    memory.dismiss("1", ["7"], on=DAY)
    assert memory.of("2") == {}


def test_twice_on_one_day_is_shown_once(memory: Memory) -> None:
    for day in (DAY, DAY, DAY + timedelta(days=1)):
        memory.show("1", ["7"], on=day)
    assert memory.of("1")["7"] == Remembered(2, DAY + timedelta(days=1))


@pytest.mark.parametrize(("days", "holds"), [(0, True), (179, True), (180, False), (-10, True)])
def test_a_dismissal_holds_for_180_days(days: int, holds: bool) -> None:
    assert DISMISSED_DAYS == 180
    assert Remembered(dismissed_on=DAY).dismissed(DAY + timedelta(days=days)) == holds


@pytest.mark.parametrize(("days", "holds"), [(29, True), (30, False)])
def test_a_snooze_ends_on_its_day(days: int, holds: bool) -> None:
    assert Remembered(snoozed_until=DAY + timedelta(days=30)).snoozed(DAY + timedelta(days=days)) == holds


def test_undo_takes_back_what_was_said_and_not_what_was_shown(memory: Memory) -> None:
    memory.show("1", ["7"], on=DAY)
    memory.dismiss("1", ["7", "8"], on=DAY)
    memory.undo("1", ["7"])
    assert memory.of("1") == {"7": Remembered(1, DAY), "8": Remembered(dismissed_on=DAY)}


def test_forgetting_removes_an_account_in_both_roles_and_from_the_bytes(memory: Memory) -> None:
    memory.dismiss("10000007", ["20000008"], on=DAY)
    memory.dismiss("20000008", ["30000009"], on=DAY)
    memory.dismiss("10000007", ["30000009"], on=DAY)
    assert memory.forget("20000008") == 2
    assert list(memory.of("10000007")) == ["30000009"]
    assert b"20000008" not in memory.path.read_bytes()
    assert [path.name for path in memory.path.parent.iterdir()] == ["memory.sqlite"]


@pytest.mark.parametrize(
    ("who", "accounts"), [("1", "7"), ("1", [7]), ("", ["7"]), ("1", [""])], ids=["one text", "number", "nobody", "empty"]
)
def test_account_ids_are_texts_in_a_list(memory: Memory, who: str, accounts: list[str]) -> None:
    with pytest.raises(InvalidRequest, match="account"):
        memory.dismiss(who, accounts, on=DAY)
    assert memory.of("1") == {}


def test_days_are_dates(memory: Memory) -> None:
    with pytest.raises(InvalidRequest, match="days are dates, not 'soon'"):
        memory.dismiss("1", ["7"], on="soon")  # type: ignore[arg-type]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, not yours " * 100)
    for use in (lambda m: m.of("1"), lambda m: m.dismiss("1", ["7"], on=DAY), lambda m: m.forget("7")):
        with pytest.raises(StorageError, match=r"notes\.txt: not usable as a memory"):
            use(Memory(path))
    assert path.read_text().startswith("my notes")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE memory (x)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match="database of something else"):
        Memory(path).dismiss("1", ["7"], on=DAY)
    assert path.read_bytes() == before


def test_days_that_are_none_are_an_error(memory: Memory) -> None:
    memory.dismiss("1", ["7"], on=DAY)
    with sqlite3.connect(memory.path) as db:
        db.execute("UPDATE memory SET dismissed_on = 'soon'")
    db.close()
    with pytest.raises(StorageError, match="holds something other than days"):
        memory.of("1")


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="not usable as a memory"):
        Memory(tmp_path / "file" / "memory.sqlite").dismiss("1", ["7"], on=DAY)


def test_several_processes_write_at_once(memory: Memory) -> None:
    code = (
        "import sys; from datetime import date; from tweetfocus.data.memory import Memory\n"
        "for n in range(20): Memory(sys.argv[1]).dismiss('1', [sys.argv[2] + str(n)], on=date(2026, 3, 1))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(memory.path), name]) for name in "abc"]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert len(memory.of("1")) == 60


def test_many_make_the_file_at_the_same_moment(tmp_path: Path) -> None:
    start = threading.Barrier(8)

    def first(path: Path, account: str) -> None:
        start.wait()
        Memory(path).dismiss("1", [account], on=DAY)

    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            path = tmp_path / f"{number}.sqlite"
            list(pool.map(first, [path] * 8, "abcdefgh"))
            assert sorted(Memory(path).of("1")) == list("abcdefgh")


def test_days_beyond_the_calendar_end_with_it() -> None:
    assert days_from(DAY, 30) == date(2026, 3, 31)
    assert days_from(DAY, 10**9) == date.max
