from __future__ import annotations

import contextlib
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.data.records import Account, Follow, Issue, Post
from tweetfocus.data.tables import FORMATS, find_table, replacing, write_table
from tweetfocus.errors import DataError, StorageError

Folder = Callable[[Mapping[str, str | bytes]], Path]
REPLACED = "not valid UTF-8; the damaged characters are replaced"


def _bios(data: Dataset) -> list[str | None]:
    return data.accounts["bio"].to_pylist()


# -- CSV ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with mark", "utf-16-be with mark"])
def test_csv_in_any_unicode_encoding_is_read(folder: Folder, encoding: str) -> None:
    text = "account_id,bio\r\n1,café 咖啡\r\n2,\u202bקפה\u202c 👩🏽‍💻\r\n"
    coded = ("\ufeff" + text).encode(encoding[:9]) if "mark" in encoding else text.encode(encoding)
    data = read_dataset(folder({"accounts.csv": coded}))
    assert _bios(data) == ["café 咖啡", "\u202bקפה\u202c 👩🏽‍💻"]
    assert data.issues == ()


def test_csv_that_mixes_encodings_keeps_its_records(folder: Folder) -> None:
    mixed = "account_id,bio,note\n1,café,thé\n".encode() + "2,café,thé\n".encode("cp1252")
    data = read_dataset(folder({"accounts.csv": mixed}))
    assert _bios(data) == ["café", "caf?"]
    assert data.accounts["note"].to_pylist() == ["thé", "th?"]
    assert data.issues == (Issue("accounts.csv", 2, "bio", REPLACED), Issue("accounts.csv", 2, "note", REPLACED))


def test_damaged_column_names_can_be_printed(folder: Folder) -> None:
    data = read_dataset(folder({"accounts.csv": b"account_id,caf\xe9\n1,x\n"}))
    assert data.accounts["caf\\udce9"].to_pylist() == ["x"]
    data = read_dataset(
        folder({"accounts.csv": b"account_id\n1\n", "posts.jsonl": b'{"account_id":1,"text":"a","\\ud800":5}\n'})
    )
    assert data.posts["\\ud800"].to_pylist() == [5]


def test_half_a_character_at_the_end_of_a_utf16_file_is_an_error(folder: Folder) -> None:
    path = folder({"accounts.csv": "account_id,bio\n1,abc".encode("utf-16")[:-1]})
    with pytest.raises(DataError, match=r"accounts\.csv: neither UTF-8 nor UTF-16"):
        read_dataset(path)


@pytest.mark.parametrize(
    ("file", "line"), [("accounts.csv", 'account_id,bio\n7,"{}"\n'), ("accounts.jsonl", '{{"account_id": "7", "bio": "{}"}}\n')]
)
def test_a_bio_of_a_megabyte_is_read_whole(folder: Folder, file: str, line: str) -> None:
    limit = csv.field_size_limit()
    bio = "Heat pumps, grids. " * 60_000
    data = read_dataset(folder({file: line.format(bio)}))
    assert _bios(data) == [bio]
    assert data.issues == ()
    assert csv.field_size_limit() == limit


def test_ragged_records_are_left_out_and_listed(folder: Folder) -> None:
    data = read_dataset(folder({"accounts.csv": "account_id,bio\n1,a\n2\n3,c,d\n\n5,e\n"}))
    assert data.accounts["account_id"].to_pylist() == ["1", "5"]
    assert data.issues == (
        Issue("accounts.csv", 2, None, "1 fields instead of 2; record left out"),
        Issue("accounts.csv", 3, None, "3 fields instead of 2; record left out"),
    )


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_quotation_mark_that_is_never_closed_is_named(folder: Folder, end: str) -> None:
    data = read_dataset(folder({"accounts.csv": f'account_id,bio\n1,a\n2,"b\n3,c\n4,d{end}'}))
    assert data.accounts["account_id"].to_pylist() == ["1"]
    why = "a quotation mark that opens in this record is never closed; all from here on left out"
    assert data.issues == (Issue("accounts.csv", 2, None, why),)


def test_quoted_line_breaks_commas_and_quotation_marks_are_text(folder: Folder) -> None:
    data = read_dataset(folder({"accounts.csv": 'account_id,bio\r\n1,"a\r\nb, ""c"""\r\n2,5" pipe\r\n'}))
    assert _bios(data) == ['a\r\nb, "c"', '5" pipe']


@pytest.mark.parametrize("content", ["", "\n", "\ufeff", '"account_id'])
def test_a_csv_file_without_column_names_is_an_error(folder: Folder, content: str) -> None:
    with pytest.raises(DataError, match=r"accounts\.csv: empty; the first line must name the columns"):
        read_dataset(folder({"accounts.csv": content}))


def test_two_columns_of_one_name_are_an_error(folder: Folder) -> None:
    with pytest.raises(DataError, match=r"accounts\.csv: two columns have the same name"):
        read_dataset(folder({"accounts.csv": "account_id,bio, bio\n1,a,b\n"}))


def test_csv_keeps_null_bytes_in_texts_and_refuses_them_in_ids(folder: Folder) -> None:
    data = read_dataset(folder({"accounts.csv": "account_id,bio\n1,a\0b\n2\0,c\n"}))
    assert _bios(data) == ["a\0b"]
    assert data.issues == (
        Issue("accounts.csv", 2, "account_id", "not an id: '2\\x00' holds control characters; record left out"),
    )


# -- JSON lines -----------------------------------------------------------------------------------------------------------------


def test_lines_that_are_not_json_objects_are_left_out_and_listed(folder: Folder) -> None:
    lines = ['{"account_id": "1"}', "[1]", '"2"', "null", "{", "", '{"account_id": 3}', "[" * 100_000]
    data = read_dataset(folder({"accounts.jsonl": "\n".join(lines)}))
    assert data.accounts["account_id"].to_pylist() == ["1", "3"]
    assert [(issue.row, issue.why.split(" (")[0]) for issue in data.issues] == [(n, "not JSON") for n in (2, 3, 4, 5, 8)]
    assert data.issues[0] == Issue("accounts.jsonl", 2, None, "not JSON (not a JSON object); record left out")


def test_nan_and_infinity_are_no_values(folder: Folder) -> None:
    line = '{"account_id": "1", "bio": NaN, "followers_count": Infinity, "post_count": -Infinity, "score": NaN}\n'
    data = read_dataset(folder({"accounts.jsonl": line}))
    assert data.account("1") == Account(account_id="1")
    assert data.accounts["score"].to_pylist() == [None]
    assert data.issues == ()


def test_json_ids_may_be_text_or_numbers(folder: Folder) -> None:
    ids = ['"007"', "7", "7.0", "1234567890123456789", "1e30", "true", "[7]", "null"]
    lines = "\n".join(f'{{"account_id": {value}}}' for value in ids)
    data = read_dataset(folder({"accounts.jsonl": lines}))
    assert data.accounts["account_id"].to_pylist() == ["007", "1234567890123456789", "7"]
    assert [(issue.row, issue.field) for issue in data.issues[:4]] == [(row, "account_id") for row in (5, 6, 7, 8)]
    assert "lost digits" in data.issues[0].why
    assert data.issues[3].why == "empty; record left out"


def test_a_file_without_any_readable_record_is_an_error(folder: Folder) -> None:
    with pytest.raises(DataError, match=r"accounts\.jsonl: none of its 2 records can be read; the first: .*row 1: not JSON"):
        read_dataset(folder({"accounts.jsonl": "account_id\n1\n"}))


def test_later_lines_may_bring_new_fields(folder: Folder) -> None:
    data = read_dataset(folder({"accounts.jsonl": '{"account_id":"1"}\n{"account_id":"2","bio":"b"}\n{"account_id":"3"}\n'}))
    assert _bios(data) == [None, "b", None]


# -- Parquet --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [0, 3, 0.5, 0.99])
def test_truncated_parquet_is_an_error_that_names_the_file(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "accounts.parquet"
    pq.write_table(pa.table({"account_id": [str(n) for n in range(500)]}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept if kept >= 1 else kept * len(whole))])
    with pytest.raises(DataError, match=r"accounts\.parquet: "):
        read_dataset(tmp_path)


def test_parquet_with_invalid_utf8_keeps_its_records(tmp_path: Path) -> None:
    broken = pa.array([b"caf\xe9", b"ok"]).view(pa.string())
    pq.write_table(pa.table({"account_id": ["1", "2"], "bio": broken, "note": broken}), tmp_path / "accounts.parquet")
    data = read_dataset(tmp_path)
    assert _bios(data) == data.accounts["note"].to_pylist() == ["caf\ufffd", "ok"]
    assert data.issues == (Issue("accounts.parquet", 1, "bio", REPLACED), Issue("accounts.parquet", 1, "note", REPLACED))


# -- which file -----------------------------------------------------------------------------------------------------------------


def test_two_files_for_one_table_are_an_error(folder: Folder) -> None:
    path = folder({"accounts.csv": "account_id\n1\n", "accounts.jsonl": '{"account_id": 1}\n'})
    with pytest.raises(DataError, match=r"both accounts\.csv and accounts\.jsonl are there; keep one"):
        read_dataset(path)


def test_a_folder_named_like_a_table_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").mkdir()
    assert find_table(tmp_path, "accounts") is None


# -- dataframes -----------------------------------------------------------------------------------------------------------------

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ACCOUNTS: dict[str, list[Any]] = {
    "account_id": ["2", "1", "3"],
    "bio": ["Chef 👩‍🍳", None, ""],
    "followers_count": [5, None, 0],
    "created_at": [NOON, None, NOON],
    "protected": [True, None, False],
    "team": ["red", None, "blue"],
}
POSTS: dict[str, list[Any]] = {
    "account_id": ["2", "2"],
    "text": ["one", "two"],
    "mentions": [["ana", "bo"], []],
    "reply_to_account_id": ["1", None],
    "weight": [0.5, 1.5],
}
FOLLOWS: dict[str, list[Any]] = {"source_id": ["1", "2"], "target_id": ["2", "9"]}


def _arrow(table: dict[str, list[Any]]) -> pa.Table:
    return pa.table({name: pa.array(values) for name, values in table.items()})


def _duck(table: dict[str, list[Any]]) -> Any:
    return duckdb.connect().from_arrow(_arrow(table))


FRAMES: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "pandas": pd.DataFrame,
    "pandas shuffled": lambda table: pd.DataFrame(table).iloc[::-1],
    "pandas nullable": lambda table: pd.DataFrame(table).convert_dtypes(),
    "polars": pl.DataFrame,
    "polars lazy": lambda table: pl.DataFrame(table).lazy(),
    "pyarrow": _arrow,
    "pyarrow batch": lambda table: _arrow(table).to_batches()[0],
    "pyarrow stream": lambda table: _arrow(table).to_reader(),
    "duckdb": _duck,
}


@pytest.mark.parametrize("library", FRAMES)
def test_dataframes_of_every_library_give_the_same_dataset(library: str) -> None:
    make = FRAMES[library]
    data = Dataset.from_frames(make(ACCOUNTS), posts=make(POSTS), follows=make(FOLLOWS))
    assert data.issues == ()
    assert data.account("2") == Account(account_id="2", bio="Chef 👩‍🍳", followers_count=5, created_at=NOON, protected=True)
    assert data.digest == Dataset.from_frames(_arrow(ACCOUNTS), posts=_arrow(POSTS), follows=_arrow(FOLLOWS)).digest


@pytest.mark.parametrize(
    "make", [pd.DataFrame, lambda table: pl.DataFrame({"account_id": pl.Series(table["account_id"], dtype=pl.Object)})]
)
def test_a_dataframe_column_of_mixed_types_is_read_value_by_value(make: Callable[[dict[str, list[Any]]], Any]) -> None:
    data = Dataset.from_frames(make({"account_id": ["1", 2, 3.0, None, ["x"]]}))
    assert data.accounts["account_id"].to_pylist() == ["1", "2", "3"]
    assert [(issue.file, issue.row, issue.field) for issue in data.issues] == [
        ("accounts", row, "account_id") for row in (4, 5)
    ]


def test_numbers_of_every_width_and_decimals_are_counts_and_ids() -> None:
    duck = duckdb.connect().sql("select 7::hugeint as account_id, sum(3) as followers_count, 2::utinyint as post_count")
    assert Dataset.from_frames(duck).account("7") == Account(account_id="7", followers_count=3, post_count=2)


def test_categories_are_read_as_their_values() -> None:
    frame = pd.DataFrame(
        {"account_id": ["1", "2"], "bio": pd.Categorical(["Chef", "Chef"]), "team": pd.Categorical(["red", "blue"])}
    )
    data = Dataset.from_frames(frame)
    assert _bios(data) == ["Chef", "Chef"]
    assert data.accounts["team"].to_pylist() == ["red", "blue"]


@pytest.mark.parametrize("what", [{"account_id": ["1"]}, [1], "accounts.csv", pd.Series(["1"], name="account_id"), 5])
def test_what_is_not_a_dataframe_is_refused(what: Any) -> None:
    with pytest.raises(DataError, match=f"accounts: {type(what).__name__} is not a dataframe that speaks Arrow"):
        Dataset.from_frames(what)


@pytest.mark.parametrize("make", [pd.DataFrame, lambda rows, columns: pa.Table.from_arrays([["1"], ["2"]], names=columns)])
def test_two_dataframe_columns_of_one_name_are_refused(make: Callable[..., Any]) -> None:
    with pytest.raises(DataError, match="accounts: two columns have the same name"):
        Dataset.from_frames(make([["1", "2"]], columns=["account_id", "account_id"]))


# -- writing --------------------------------------------------------------------------------------------------------------------

texts = (
    st.none()
    | st.text(max_size=8)
    | st.sampled_from(["a\rb", "\r\n", 'a,"b"', "\0", "\u202eabc", "👩‍👩‍👧‍👦", "[x]", "@ana", " ", "NaN", "null"])
)
ids = st.text(min_size=1, max_size=3) | st.integers(1, 9).map(str)
times = st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
counts = st.none() | st.integers(0, 2**53)
flags = st.none() | st.booleans()
lists = st.none() | st.lists(st.text(max_size=5), max_size=3).map(tuple)
accounts = st.builds(
    Account, account_id=ids, username=texts, bio=texts, followers_count=counts, created_at=times, protected=flags, is_me=flags
)
posts = st.builds(
    Post,
    account_id=ids,
    text=texts,
    post_id=st.none() | ids,
    created_at=times,
    mentions=lists,
    urls=lists,
    quote_of_account_id=ids,
)
follows = st.builds(Follow, source_id=ids, target_id=ids, created_at=times)


@pytest.mark.parametrize("form", FORMATS)
@given(st.lists(accounts, max_size=5), st.lists(posts, max_size=5), st.lists(follows, max_size=5))
@settings(max_examples=25, deadline=None)
def test_what_is_written_is_read_back_the_same(form: str, people: list[Account], said: list[Post], pairs: list[Follow]) -> None:
    data = Dataset.from_records(people, posts=said, follows=pairs, mutes=pairs[:1], blocks=pairs[1:])
    with tempfile.TemporaryDirectory() as folder:
        data.write(folder, format=form)
        again = read_dataset(folder)
    assert again.issues == ()
    assert again.digest == data.digest


@pytest.mark.parametrize("form", FORMATS)
def test_unknown_text_columns_are_read_back_the_same(tmp_path: Path, form: str) -> None:
    frame = pa.table({"account_id": ["1", "2", "3"], "team": ["red", None, "0\r1"], "note": ["", "x", None]})
    data = Dataset.from_frames(frame)
    data.write(tmp_path, format=form)
    assert read_dataset(tmp_path).digest == data.digest


@pytest.mark.parametrize("form", FORMATS)
def test_unknown_columns_of_any_type_can_be_written(tmp_path: Path, form: str) -> None:
    odd = {
        "amount": [Decimal("1.5")],
        "bytes": [b"\xff"],
        "length": [timedelta(days=1)],
        "object": [{"at": NOON, "n": [1]}],
        "endless": [float("inf")],
    }
    Dataset.from_frames(pa.table({"account_id": ["1"], **odd})).write(tmp_path, format=form)
    data = read_dataset(tmp_path)
    assert data.issues == ()
    assert set(data.accounts.column_names) >= set(odd) - {"endless"}
    assert str(data.accounts["amount"][0].as_py()) == "1.5"
    if form == "jsonl":
        line = (tmp_path / "accounts.jsonl").read_text()
        assert "endless" not in json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


def test_writing_twice_replaces_what_was_there(tmp_path: Path) -> None:
    Dataset.from_records([Account(account_id="1")]).write(tmp_path / "deep" / "er")
    Dataset.from_records([Account(account_id="2")]).write(tmp_path / "deep" / "er")
    assert read_dataset(tmp_path / "deep" / "er").accounts["account_id"].to_pylist() == ["2"]


def test_another_format_in_the_folder_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "blocks.csv").write_text("source_id,target_id\n1,2\n")
    with pytest.raises(StorageError, match=r"blocks\.csv is there already; write to another folder, or as csv"):
        Dataset.from_records([Account(account_id="1")]).write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["blocks.csv"]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="format 'xlsx' is none of parquet, csv, jsonl"):
        Dataset.from_records([Account(account_id="1")]).write(tmp_path, format="xlsx")


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be made"):
        Dataset.from_records([Account(account_id="1")]).write(tmp_path / "file" / "people")


def test_a_place_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "posts.parquet").mkdir()
    with pytest.raises(StorageError, match=r"posts\.parquet: cannot be written .*; what was there before is unchanged"):
        Dataset.from_records([Account(account_id="1")]).write(tmp_path)
    assert not list(tmp_path.glob(".*"))


FULL_DISK = """
import resource, sys
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Account
from tweetfocus.errors import StorageError

data = Dataset.from_records([Account(account_id=str(n), bio=hex(n ** 40)) for n in range(2000)])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    data.write(sys.argv[1], format=sys.argv[2])
except StorageError as error:
    print(error)
"""


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_the_old_table_whole(tmp_path: Path, form: str) -> None:
    old = Dataset.from_records([Account(account_id="1", bio="Chef")])
    old.write(tmp_path, format=form)
    run = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path, form], capture_output=True, text=True, check=True)
    assert f"accounts.{form}: cannot be written (" in run.stdout
    assert "what was there before is unchanged" in run.stdout
    assert read_dataset(tmp_path).digest == old.digest
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [f".{form}"] * 5


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with contextlib.suppress(KeyboardInterrupt), replacing(path) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_any_table_can_be_written_and_read_by_others(tmp_path: Path) -> None:
    table = pa.table({"a": ["x", None], "n": [1, 2]})
    for form in FORMATS:
        write_table(table, tmp_path / f"t.{form}")
    assert pq.read_table(tmp_path / "t.parquet").equals(table)
    assert pd.read_csv(tmp_path / "t.csv")["n"].tolist() == [1, 2]
    assert pl.read_ndjson(tmp_path / "t.jsonl")["a"].to_list() == ["x", None]
