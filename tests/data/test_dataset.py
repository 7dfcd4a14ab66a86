from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.data.records import Account, Follow, Issue, Post
from tweetfocus.errors import DataError, InvalidRequest, TweetfocusError, UnknownAccount

Folder = Callable[[Mapping[str, str | bytes]], Path]


def _people(**usernames: str | None) -> Dataset:
    """Accounts by id (without its leading "i") and username."""
    return Dataset.from_records([Account(account_id=key[1:], username=name) for key, name in usernames.items()])


# -- reading --------------------------------------------------------------------------------------------------------------------


def test_an_empty_folder_is_an_error_that_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"needs accounts\.parquet or accounts\.csv or accounts\.jsonl, with a column account_id"
    ):
        read_dataset(tmp_path)
    with pytest.raises(DataError, match="nowhere: no such folder"):
        read_dataset(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="file: no such folder"):
        read_dataset(tmp_path / "file")


def test_posts_without_accounts_are_no_dataset(folder: Folder) -> None:
    with pytest.raises(DataError, match="not a dataset folder"):
        read_dataset(folder({"posts.csv": "account_id,text\n1,Hello\n"}))


def test_tables_may_come_in_different_formats(folder: Folder) -> None:
    path = folder(
        {
            "accounts.csv": "account_id,username,bio\n007,@ana,Chef\n7,bo,\n",
            "posts.jsonl": '{"account_id": "007", "text": "Soup", "mentions": ["bo"]}\n',
            "readme.txt": "not a table",
            "mutes.jsonl": '{"source_id": 7, "target_id": "007"}\n',
        }
    )
    pa.parquet.write_table(pa.table({"source_id": [7], "target_id": [8]}), path / "follows.parquet")
    data = read_dataset(path)
    assert repr(data) == "Dataset(3 accounts, 1 posts, 1 follows)"
    assert data.accounts["username"].to_pylist() == ["ana", "bo", None]
    assert data.pair_rows("follows")[0].tolist() == [1]
    assert data.pair_rows("follows")[1].tolist() == [2]
    assert [rows.tolist() for rows in data.pair_rows("mutes")] == [[1], [0]]
    assert [rows.tolist() for rows in data.pair_rows("blocks")] == [[], []]


def test_ids_are_text_whatever_they_came_as(folder: Folder) -> None:
    people = Dataset.from_frames(pa.table({"account_id": [10, 9]}), follows=pa.table({"source_id": [10.0], "target_id": ["9"]}))
    assert people.accounts["account_id"].to_pylist() == ["10", "9"]
    assert people.pair_rows("follows")[0].tolist() == [0]
    assert (
        people.digest == Dataset.from_records([Account(account_id="9")], follows=[Follow(source_id="10", target_id="9")]).digest
    )


def test_every_issue_says_file_row_and_field(folder: Folder) -> None:
    accounts = "account_id,followers_count,created_at,protected\n1,-5,soon,perhaps\n,1,,\n"
    data = read_dataset(folder({"accounts.csv": accounts}))
    assert [str(issue) for issue in data.issues] == [
        "accounts.csv, row 2, account_id: empty; record left out",
        "accounts.csv, row 1, followers_count: not a count: '-5'; value left out",
        "accounts.csv, row 1, created_at: not a time: 'soon'; write ISO 8601 or Unix seconds; value left out",
        "accounts.csv, row 1, protected: not true or false: 'perhaps'; value left out",
    ]
    assert repr(data) == "Dataset(1 accounts, 0 posts, 0 follows, 4 issues)"


def test_rows_of_frames_are_counted_from_one() -> None:
    data = Dataset.from_frames(pa.table({"account_id": ["1", None, "\0"]}))
    assert [(issue.file, issue.row) for issue in data.issues] == [("accounts", 2), ("accounts", 3)]


def test_nobody_at_all_is_a_dataset_too() -> None:
    data = Dataset.from_records()
    assert (len(data), data.posts.num_rows, data.issues) == (0, 0, ())
    assert data.post_offsets.tolist() == [0]
    with pytest.raises(UnknownAccount):
        data.row("@ana")


# -- who is where ---------------------------------------------------------------------------------------------------------------


def test_an_account_is_found_by_id_and_by_username_in_any_case() -> None:
    data = _people(i1="Ana", i2="bo", i3=None)
    assert [data.row(who) for who in ("1", " 1 ", "@ana", "@ANA", "ana", " @Ana ", "bo", "3", "@3")] == [0] * 6 + [1, 2, 2]
    assert [data.label(row) for row in range(3)] == ["@Ana", "@bo", "3"]
    assert [data.username(row) for row in range(3)] == ["Ana", "bo", None]
    assert data.account("@ana") == Account(account_id="1", username="Ana")


@pytest.mark.parametrize("name", ["ΣΑΣ", "Straße", "İnci", "Émile", "ǅ", "日本"])
def test_usernames_of_any_script_are_found(name: str) -> None:
    data = _people(i1=name, i2="other")
    assert data.row(name) == data.row(f"@{name}") == 0


def test_an_id_goes_before_a_username_unless_there_is_an_at() -> None:
    data = _people(i1="2", i2="bo")
    assert data.row("2") == 1
    assert data.row("@2") == 0


def test_a_username_of_several_accounts_is_ambiguous_but_their_ids_are_not() -> None:
    data = _people(i1="ana", i2="Ana", iana="bo")
    with pytest.raises(DataError, match=r"username 'ana' belongs to several accounts; ask by account id \(1, 2\)"):
        data.row("@ana")
    assert data.account_id(data.row("ana")) == "ana"
    assert data.row("2") == 1


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=3), unique=True, max_size=12))
@settings(max_examples=40, deadline=None)
def test_every_id_is_found_in_its_row(ids: list[str]) -> None:
    data = Dataset.from_records([Account(account_id=i) for i in ids])
    ordered = sorted(ids)
    assert data.accounts["account_id"].to_pylist() == ordered
    assert [data.row(i) for i in ordered if not i.startswith("@")] == [
        n for n, i in enumerate(ordered) if not i.startswith("@")
    ]
    assert data.rows_of([*ordered, "nobody at all"]).tolist() == [*range(len(ids)), -1]


def test_rows_of_takes_any_column_of_ids() -> None:
    data = _people(i1="ana", i2="bo")
    column = pa.array(["2", None, "1", "x", "2"])
    for ids in (column, column.cast(pa.large_string()), pa.chunked_array([column[:2], column[2:]])):
        assert data.rows_of(ids).tolist() == [1, -1, 0, -1, 1]
    assert data.rows_of([]).tolist() == []


def test_unknown_accounts_get_near_names_or_near_ids() -> None:
    data = _people(i1234="hanna", i1235="Jonas", i1236=None)
    with pytest.raises(UnknownAccount, match="no account '@anna' here; did you mean @hanna\\?") as caught:
        data.row("@anna")
    assert (caught.value.who, caught.value.near) == ("@anna", ("@hanna",))
    with pytest.raises(UnknownAccount, match=r"did you mean @jonas\?"):
        data.row("JONES")
    with pytest.raises(UnknownAccount, match=r"no account '1237' here; did you mean 1236 or 1235 or 1234\?"):
        data.row("1237")
    with pytest.raises(UnknownAccount, match=r"no account 'zzzzzz' here$"):
        data.row("zzzzzz")


def test_near_names_are_found_among_many_people() -> None:
    names = pa.table(
        {"account_id": [f"{n:05}" for n in range(20_100)], "username": [f"u{n:05}" for n in range(20_099)] + ["hanna"]}
    )
    data = Dataset.from_frames(names)
    with pytest.raises(UnknownAccount, match="did you mean @hanna"):
        data.row("@hana")
    for odd in ("", "@", "\udce9", "h\udce9"):
        with pytest.raises(UnknownAccount):
            data.row(odd)


@pytest.mark.parametrize("who", ["", "@", "  ", "\0", "\udce9", "x" * 10_000])
def test_nonsense_is_an_unknown_account(who: str) -> None:
    with pytest.raises(UnknownAccount):
        _people(i1="ana").row(who)


@pytest.mark.parametrize("who", [None, 5, b"1"])
def test_what_is_no_text_names_nobody(who: object) -> None:
    with pytest.raises(InvalidRequest, match="accounts are named by text"):
        _people(i1="ana").row(who)  # type: ignore[arg-type]


def test_me_is_the_one_account_that_is_marked() -> None:
    me, other = Account(account_id="2", username="ana", is_me=True), Account(account_id="1", is_me=False)
    assert Dataset.from_records([me, other]).row("@me") == 1
    assert Dataset.from_records([me, other, Account(account_id="0", username="me")]).row("@me") == 0
    with pytest.raises(UnknownAccount):
        Dataset.from_records([other]).row("@me")
    with pytest.raises(UnknownAccount):
        Dataset.from_records([me, Account(account_id="3", is_me=True)]).row("@me")


def test_posts_stand_by_author() -> None:
    data = Dataset.from_records(
        [Account(account_id="2")], posts=[Post(account_id=i, text=f"{i} {n}") for n, i in enumerate(["3", "1", "3", "1", "3"])]
    )
    assert data.post_offsets.tolist() == [0, 2, 2, 5]
    assert data.post_authors.tolist() == [0, 0, 2, 2, 2]
    assert set(data.posts["text"].to_pylist()[2:5]) == {"3 0", "3 2", "3 4"}
    assert np.diff(data.post_offsets).sum() == data.posts.num_rows


# -- values ---------------------------------------------------------------------------------------------------------------------


def test_a_dataset_cannot_be_changed() -> None:
    data = _people(i1="ana")
    with pytest.raises(FrozenInstanceError):
        data.accounts = data.posts  # type: ignore[misc]
    before = data.digest
    data.merge(_people(i2="bo")).forget("@ana")
    assert len(data) == 1
    assert data.digest == _people(i1="ana").digest == before


def test_digest_tells_datasets_apart_but_not_their_issues() -> None:
    base = Account(account_id="1", bio="Chef")
    post, follow = Post(account_id="1", text="Soup"), Follow(source_id="1", target_id="2")
    different = [
        Dataset.from_records([base]),
        Dataset.from_records([Account(account_id="1", bio="chef")]),
        Dataset.from_records([Account(account_id="1", name="Chef")]),
        Dataset.from_records([base], posts=[post]),
        Dataset.from_records([base], follows=[follow]),
        Dataset.from_records([base], mutes=[follow]),
        Dataset.from_records([base], blocks=[follow]),
        Dataset.from_records([base, Account(account_id="2")]),
        Dataset.from_records(
            [base], posts=[post], follows=[Follow(source_id="1", target_id="2", created_at=datetime(2024, 1, 1, tzinfo=UTC))]
        ),
    ]
    assert len({data.digest for data in different}) == len(different)
    with_issue = Dataset.from_records([Account(account_id="1", bio="Chef", followers_count=-1)])
    assert with_issue.issues == (Issue("accounts", 1, "followers_count", "not a count: -1; value left out"),)
    assert with_issue.digest == different[0].digest


@pytest.mark.parametrize("error", [DataError, UnknownAccount])
def test_all_errors_are_of_one_tree(error: type[Exception]) -> None:
    assert issubclass(error, TweetfocusError)
