from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import reduce
from itertools import permutations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.assembly import SCHEMAS, empty_table, parse_table
from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.data.records import Account, Follow, Issue, Post
from tweetfocus.data.tables import RawTable
from tweetfocus.errors import DataError

Folder = Callable[[Mapping[str, str | bytes]], Path]
EARLY, LATE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)

ids = st.sampled_from(["1", "2", "3", "10"])
texts = st.none() | st.sampled_from(["", "a", "b", "Chef", "Grid planner"])
flags = st.none() | st.booleans()
counts = st.none() | st.integers(0, 3)
times = st.none() | st.sampled_from([EARLY, LATE])
lists = st.none() | st.sampled_from([(), ("x",), ("x", "y"), ("y", "x")])
accounts = st.builds(
    Account,
    account_id=ids,
    username=texts,
    bio=texts,
    followers_count=counts,
    created_at=times,
    last_post_at=times,
    protected=flags,
    discoverable=flags,
    is_source=flags,
    is_me=flags,
)
posts = st.builds(
    Post,
    account_id=ids,
    text=st.sampled_from(["a", "b"]),
    post_id=st.none() | ids,
    created_at=times,
    mentions=lists,
    like_count=counts,
    repost_of_account_id=st.none() | ids,
)
follows = st.builds(Follow, source_id=ids, target_id=ids, created_at=times)
Records = tuple[list[Account], list[Post], list[Follow]]
records: st.SearchStrategy[Records] = st.tuples(
    st.lists(accounts, max_size=8), st.lists(posts, max_size=8), st.lists(follows, max_size=8)
)


def _dataset(these: Records) -> Dataset:
    return Dataset.from_records(these[0], posts=these[1], follows=these[2], mutes=these[2], blocks=these[2])


def _merged(datasets: Iterable[Dataset]) -> Dataset:
    return reduce(Dataset.merge, datasets)


@given(records, st.integers(0, 10_000), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_neither_order_nor_split_of_the_input_matters(these: Records, seed: int, shards: int) -> None:
    rng = random.Random(seed)
    parts: list[Records] = [([], [], []) for _ in range(shards)]
    for kind, values in enumerate(these):
        for value in rng.sample(values, len(values)):
            parts[rng.randrange(shards)][kind].append(value)
    assert _merged(map(_dataset, parts)).digest == _dataset(these).digest


@given(records, records)
@settings(max_examples=30, deadline=None)
def test_merge_commutes_and_repeats_without_effect(one: Records, other: Records) -> None:
    a, b = _dataset(one), _dataset(other)
    both = a.merge(b)
    assert b.merge(a).digest == both.digest
    assert both.merge(a).digest == both.merge(both).digest == both.digest
    assert a.merge(Dataset.from_records()).digest == a.digest


def test_records_of_one_account_complete_each_other(folder: Folder) -> None:
    lines = ["account_id,username,bio,followers_count", "1,ana,,5", "2,bo,Nurse,1", "1,,Chef,", "1,,,"]
    data = read_dataset(folder({"accounts.csv": "\n".join(lines)}))
    assert data.account("1") == Account(account_id="1", username="ana", bio="Chef", followers_count=5)
    assert data.issues == (Issue("accounts.csv", None, "account_id", "'1' stands in 3 records; merged into one"),)


def test_where_records_disagree_what_says_most_wins() -> None:
    one = Account(account_id="1", bio="Chef", followers_count=5, created_at=EARLY, last_post_at=EARLY)
    other = Account(account_id="1", bio="Head chef", followers_count=3, created_at=LATE, last_post_at=LATE)
    expected = Account(account_id="1", bio="Head chef", followers_count=5, created_at=EARLY, last_post_at=LATE)
    for order in permutations([one, other]):
        assert Dataset.from_records(order).account("1") == expected


@pytest.mark.parametrize(
    ("field", "wins"), [("protected", True), ("discoverable", False), ("is_me", True), ("is_source", True)]
)
def test_an_opt_out_or_mark_in_any_record_counts(field: str, wins: bool) -> None:
    full = Account(account_id="1", username="ana", bio="Chef", followers_count=5, **{field: not wins})
    bare = Account(account_id="1", **{field: wins})
    for order in permutations([full, bare, Account(account_id="1")]):
        assert getattr(Dataset.from_records(order).account("1"), field) is wins
    assert getattr(Dataset.from_records([full]).merge(Dataset.from_records([bare])).account("1"), field) is wins


def test_follows_of_oneself_and_repeated_follows_are_dropped_and_counted(folder: Folder) -> None:
    follows = "source_id,target_id,created_at\n1,1,\n1,2,2024-01-01\n1,2,2020-01-01\n1,2,\n2,2,\n2,1,\n"
    data = read_dataset(folder({"accounts.csv": "account_id\n1\n2\n", "follows.csv": follows}))
    assert data.follows.to_pylist() == [
        {"source_id": "1", "target_id": "2", "created_at": EARLY},
        {"source_id": "2", "target_id": "1", "created_at": None},
    ]
    assert [str(issue) for issue in data.issues] == [
        "follows.csv: 2 accounts with themselves as target; left out",
        "follows.csv: 2 repeated pairs; merged",
    ]


def test_columns_of_repeated_follows_do_not_depend_on_order() -> None:
    people = pa.table({"account_id": ["1"]})
    pairs = pa.table({"source_id": ["1"] * 3, "target_id": ["2"] * 3, "via": ["list", None, "search"], "n": [3, 5, None]})
    for order in permutations(range(3)):
        data = Dataset.from_frames(people, follows=pairs.take(list(order)))
        assert data.follows.to_pylist() == [{"source_id": "1", "target_id": "2", "created_at": None, "n": 5, "via": "search"}]


def test_whoever_is_only_spoken_of_becomes_a_bare_account() -> None:
    data = Dataset.from_records(
        [Account(account_id="5", bio="Chef")],
        posts=[Post(account_id="4", text="Hello", reply_to_account_id="9")],
        follows=[Follow(source_id="5", target_id="3")],
        mutes=[Follow(source_id="2", target_id="5")],
        blocks=[Follow(source_id="5", target_id="1")],
    )
    assert data.accounts["account_id"].to_pylist() == ["1", "2", "3", "4", "5"]  # but not 9: nothing is known of them
    assert [data.account(who) for who in "1234"] == [Account(account_id=who) for who in "1234"]
    assert data.account("5").bio == "Chef"
    assert data.issues == ()


def test_a_bare_account_is_null_in_unknown_columns_too() -> None:
    people = pa.table({"account_id": ["1"], "team": ["red"], "score": [0.5]})
    data = Dataset.from_frames(people, follows=pa.table({"source_id": ["0"], "target_id": ["1"]}))
    assert data.accounts.select(["account_id", "score", "team"]).to_pylist() == [
        {"account_id": "0", "score": None, "team": None},
        {"account_id": "1", "score": 0.5, "team": "red"},
    ]


def test_rows_are_in_id_order_and_posts_in_time_order() -> None:
    data = Dataset.from_records(
        [Account(account_id=i) for i in ["b", "10", "9", "é", "Z", "👋", "a"]],
        posts=[
            Post(account_id="a", text="no date", post_id="0"),
            Post(account_id="a", text="late", post_id="1", created_at=LATE),
            Post(account_id="a", text="early", post_id="3", created_at=EARLY),
            Post(account_id="a", text="early as well", post_id="2", created_at=EARLY),
            Post(account_id="9", text="other", post_id="9"),
        ],
    )
    assert data.accounts["account_id"].to_pylist() == sorted(["b", "10", "9", "é", "Z", "👋", "a"])
    assert data.posts["text"].to_pylist() == ["other", "early as well", "early", "late", "no date"]


# -- posts without an id --------------------------------------------------------------------------------------------------------


def test_ids_made_of_a_text_are_the_same_at_every_reading() -> None:
    post = Post(account_id="1", text="Hello", created_at=EARLY)
    others = [Post(account_id="1", text="Hello", created_at=LATE), Post(account_id="1", text="Hello!", created_at=EARLY)]
    alone = Dataset.from_records([], posts=[post]).posts["post_id"].to_pylist()
    assert alone == ["text-9e79258dea47078ce049"]
    among = Dataset.from_records([], posts=[*others, Post(account_id="0", text="Hello", created_at=EARLY), post]).posts
    assert len(set(among["post_id"].to_pylist())) == 4
    assert alone[0] in among["post_id"].to_pylist()


def test_a_text_posted_twice_without_id_and_date_is_one_post(folder: Folder) -> None:
    path = folder({"accounts.csv": "account_id\n1\n", "posts.csv": "account_id,text\n1,Hello\n1,Hello\n1,Bye\n"})
    data = read_dataset(path)
    assert sorted(data.posts["text"].to_pylist()) == ["Bye", "Hello"]
    assert [(issue.file, issue.field) for issue in data.issues] == [("posts.csv", "post_id")]
    assert data.issues[0].why.endswith("stands in 2 records; merged into one")


def test_records_of_one_post_complete_each_other() -> None:
    one = Post(account_id="1", post_id="7", text="Hello", like_count=2, mentions=("bo",))
    other = Post(account_id="1", post_id="7", text="Hello", like_count=5, created_at=EARLY)
    elsewhere = Post(account_id="2", post_id="7", text="Hello")
    for order in permutations([one, other, elsewhere]):
        records = Dataset.from_records([], posts=order).posts.to_pylist()
        assert [(r["account_id"], r["like_count"], r["mentions"], r["created_at"]) for r in records] == [
            ("1", 5, ["bo"], EARLY),
            ("2", None, None, None),
        ]


# -- columns --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "header", "message"),
    [
        ("accounts", "acount_id,bio", "no column 'account_id', which accounts must have; is it 'acount_id'\\?"),
        ("accounts", "x,y", "no column 'account_id', which accounts must have \\(columns found: x, y\\)"),
        ("posts", "account_id,texts", "posts.csv: no column 'text', which posts must have; is it 'texts'\\?"),
        ("follows", "source,target_id", "no column 'source_id', which follows must have; is it 'source'\\?"),
        ("blocks", "source_id,target", "no column 'target_id', which blocks must have; is it 'target'\\?"),
    ],
)
def test_a_missing_column_is_an_error_that_suggests_a_near_one(folder: Folder, file: str, header: str, message: str) -> None:
    path = folder({"accounts.csv": "account_id\n1\n"}) if file != "accounts" else folder({})
    (path / f"{file}.csv").write_text(f"{header}\n1,2\n")
    with pytest.raises(DataError, match=message):
        read_dataset(path)


def test_only_the_required_columns_need_to_be_there(folder: Folder) -> None:
    files = {
        "accounts.csv": "account_id\n1\n",
        "posts.csv": "account_id,text\n1,Hello\n",
        "follows.csv": "target_id,source_id\n2,1\n",
    }
    data = read_dataset(folder(files))
    assert data.account("1") == Account(account_id="1")
    for name, schema in SCHEMAS.items():
        table: pa.Table = getattr(data, name)
        assert table.column_names == list(schema)
        assert table.schema.types == empty_table(name).schema.types


def test_a_record_without_a_required_value_is_left_out_and_listed(folder: Folder) -> None:
    posts = "account_id,text,like_count\n1,Hello,5\n,Hello,5\n1,,5\n1,Bye,many\n1,Bye bye,-1\n"
    data = read_dataset(folder({"accounts.csv": "account_id\n1\n", "posts.csv": posts}))
    assert sorted(data.posts["text"].to_pylist()) == ["Bye", "Bye bye", "Hello"]
    assert set(data.issues) == {
        Issue("posts.csv", 2, "account_id", "empty; record left out"),
        Issue("posts.csv", 3, "text", "empty; record left out"),
        Issue("posts.csv", 4, "like_count", "not a count: 'many'; value left out"),
        Issue("posts.csv", 5, "like_count", "not a count: '-1'; value left out"),
    }


WRONG: dict[str, tuple[str, Any]] = {
    "username": ("name", {"a": 1}),
    "bio": ("text", ["Chef"]),
    "followers_count": ("count", "many"),
    "created_at": ("time", "soon"),
    "protected": ("flag", "perhaps"),
}


@pytest.mark.parametrize("column", WRONG)
def test_a_wrong_type_costs_the_value_and_not_the_record(column: str) -> None:
    kind, wrong = WRONG[column]
    assert SCHEMAS["accounts"][column] == kind
    data = Dataset.from_records([Account(account_id="1", location="Oslo", **{column: wrong})])
    assert data.account("1") == Account(account_id="1", location="Oslo")
    assert [(issue.file, issue.row, issue.field) for issue in data.issues] == [("accounts", 1, column)]
    assert data.issues[0].why.endswith("; value left out")


def test_unknown_columns_are_kept_with_their_types() -> None:
    frame = pa.table({"account_id": ["2", "1"], "team": ["red", "blue"], "score": [0.5, 1.5], "tags": [["a"], []], "n": [1, 2]})
    table = Dataset.from_frames(frame).accounts
    assert table.column_names[-4:] == ["n", "score", "tags", "team"]
    assert table.select(["n", "score", "tags", "team"]).to_pylist() == [
        {"n": 2, "score": 1.5, "tags": [], "team": "blue"},
        {"n": 1, "score": 0.5, "tags": ["a"], "team": "red"},
    ]


def test_unknown_json_values_without_a_common_type_become_text(folder: Folder) -> None:
    values = ["1", '"a"', '{"b": 1, "a": [true]}', "null", "[1]", '"\\ud800"', str(2**80)]
    lines = [f'{{"account_id": "{n}", "x": {value}}}' for n, value in enumerate(values)]
    for order in (lines, lines[::-1]):
        data = read_dataset(folder({"accounts.jsonl": "\n".join(order)}))
        assert data.accounts["x"].to_pylist() == ["1", "a", '{"a": [true], "b": 1}', None, "[1]", "?", str(2**80)]


def test_unknown_json_objects_are_kept_as_json(folder: Folder) -> None:
    lines = ['{"account_id": "1", "x": {"b": 1}, "y": [{"c": 2}]}', '{"account_id": "2", "x": {"a": "é"}}']
    for order in (lines, lines[::-1]):
        table = read_dataset(folder({"accounts.jsonl": "\n".join(order)})).accounts
        assert table["x"].to_pylist() == ['{"b": 1}', '{"a": "é"}']
        assert table["y"].to_pylist() == ['[{"c": 2}]', None]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(json_values, max_size=5), st.integers(0, 1000))
@settings(max_examples=80, deadline=None)
def test_order_does_not_change_unknown_columns(values: list[Any], seed: int) -> None:
    order = random.Random(seed).sample(range(len(values)), len(values))
    rows = range(1, len(values) + 1)
    one, _ = parse_table("accounts", RawTable("a", {"account_id": list(rows), "x": values}, rows))
    other, _ = parse_table(
        "accounts", RawTable("a", {"account_id": [i + 1 for i in order], "x": [values[i] for i in order]}, rows)
    )
    assert other.sort_by("account_id").equals(one.sort_by("account_id"))


def test_unknown_columns_of_conflicting_types_merge_as_text() -> None:
    number = Dataset.from_frames(pa.table({"account_id": ["1", "2"], "x": [7, None], "only": [1, 2]}))
    text = Dataset.from_frames(pa.table({"account_id": ["2", "3"], "x": ["seven", "8"]}))
    nothing = Dataset.from_frames(pa.table({"account_id": ["4"], "x": pa.nulls(1)}))
    expected = [("1", 1, "7"), ("2", 2, "seven"), ("3", None, "8"), ("4", None, None)]
    digests = set()
    for order in permutations([number, text, nothing]):
        data = _merged(order)
        assert [(r["account_id"], r["only"], r["x"]) for r in data.accounts.to_pylist()] == expected
        digests.add(data.digest)
    assert len(digests) == 1
    assert number.merge(nothing).accounts["x"].to_pylist() == [7, None, None]


def test_merge_keeps_the_issues_of_both() -> None:
    one = Dataset.from_records([Account(account_id="1", followers_count=-1)])
    other = Dataset.from_records([Account(account_id="2", post_count=-2)])
    assert one.merge(other).issues == one.issues + other.issues
    assert len(one.merge(other).issues) == 2
