from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.assembly import SCHEMAS
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Account, Follow, Issue, Post
from tweetfocus.errors import UnknownAccount

ANA = Account(account_id="id-of-ana", username="Ana", bio="Chef")
BO = Account(account_id="id-of-bo", username="bo")


def _cells(value: Any) -> list[Any]:
    """All values in a nested one."""
    if isinstance(value, (list, tuple)):
        return [cell for part in value for cell in _cells(part)]
    if isinstance(value, dict):
        return _cells(list(value.values()))
    return [value]


def _traces(data: Dataset, account_id: str, username: str | None) -> list[Any]:
    """All cells of all tables that name the person: by id, by username as a whole, or by @username."""
    cells = _cells([getattr(data, name).to_pylist() for name in SCHEMAS]) + [issue.why for issue in data.issues]
    name = "|".join(re.escape(n) for n in (account_id, username) if n)
    person = re.compile(rf"@?(?:{name})|(?s:.)*@(?:{name})(?!\w|\.\w)(?s:.)*", re.IGNORECASE)
    return [cell for cell in cells if person.fullmatch(str(cell))]


ids = st.sampled_from(["id-of-ana", "id-of-bo", "id-of-cy", "id-of-dee"])
words = st.lists(
    st.sampled_from(
        ["@ana", "@ANA", "dear ana", "@Anastasia", "@ana.b", "@ana.", "RT", ":", "https://m.example/@ana/5", "(@ana)", "\n"]
    )
)
texts = words.map(" ".join)
mentions = st.none() | st.lists(st.sampled_from(["ana", "@Ana", "id-of-ana", "bo", "anastasia"]), max_size=3).map(tuple)


def _posts(among: st.SearchStrategy[str]) -> st.SearchStrategy[Post]:
    return st.builds(
        Post,
        account_id=among,
        text=texts,
        lang=st.none() | texts,
        reply_to_account_id=st.none() | among,
        repost_of_account_id=st.none() | among,
        quote_of_account_id=st.none() | among,
        mentions=mentions,
        urls=st.none() | st.lists(texts, max_size=2).map(tuple),
    )


accounts = st.builds(Account, account_id=ids, name=texts, bio=texts, location=texts, url=texts)
follows = st.builds(Follow, source_id=ids, target_id=ids)


@given(st.lists(accounts, max_size=4), st.lists(_posts(ids), max_size=6), st.lists(follows, max_size=5))
@settings(max_examples=50, deadline=None)
def test_nothing_is_left_of_a_forgotten_person(people: list[Account], said: list[Post], pairs: list[Follow]) -> None:
    data = Dataset.from_records([*people, ANA], posts=said, follows=pairs, mutes=pairs, blocks=pairs)
    rest = data.forget("@ana")
    assert _traces(data, "id-of-ana", "ana")
    assert _traces(rest, "id-of-ana", "ana") == []
    assert rest.accounts["account_id"].to_pylist() == [i for i in data.accounts["account_id"].to_pylist() if i != "id-of-ana"]
    assert rest.merge(Dataset.from_records()).digest == rest.digest  # still clean and in order


@given(
    st.lists(st.builds(Account, account_id=ids, bio=st.none() | st.just("Chef"), is_me=st.none() | st.booleans())),
    st.lists(follows),
)
@settings(max_examples=40, deadline=None)
def test_without_talk_forgetting_is_like_never_having_known(people: list[Account], pairs: list[Follow]) -> None:
    everybody = [*people, *(Account(account_id=i) for pair in pairs for i in (pair.source_id, pair.target_id))]
    data = Dataset.from_records([*everybody, ANA], follows=pairs, blocks=pairs)
    others = [account for account in everybody if account.account_id != "id-of-ana"]
    kept = [pair for pair in pairs if "id-of-ana" not in (pair.source_id, pair.target_id)]
    assert data.forget("id-of-ana").digest == Dataset.from_records(others, follows=kept, blocks=kept).digest


@given(st.lists(_posts(st.sampled_from(["id-of-ana", "id-of-bo"])), max_size=6))
@settings(max_examples=30, deadline=None)
def test_whoever_is_not_spoken_of_leaves_the_rest_unchanged(said: list[Post]) -> None:
    data = Dataset.from_records([ANA, BO], posts=said)
    more = data.merge(Dataset.from_records([Account(account_id="id-of-dee", username="dee")]))
    assert more.forget("@dee").digest == data.digest


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@ana hi", "@forgotten hi"),
        ("Thanks @Ana.", "Thanks @forgotten."),
        ("Thanks @ANA.\nBye", "Thanks @forgotten.\nBye"),
        ("(@ana, @ana!)", "(@forgotten, @forgotten!)"),
        ("@anastasia and @ana_b and @ana.b.example", "@anastasia and @ana_b and @ana.b.example"),
        ("@ana@social.example", "@forgotten@social.example"),
        ("https://social.example/@ana/5", "https://social.example/@forgotten/5"),
        ("banana ana", "banana ana"),
        ("@id-of-ana", "@forgotten"),
        ("שלום @ana 👋", "שלום @forgotten 👋"),
    ],
)
def test_the_username_is_struck_out_of_what_others_say(text: str, left: str) -> None:
    said = Dataset.from_records([ANA, Account(account_id="2", bio=text)], posts=[Post(account_id="2", text=text)]).forget(
        "@ana"
    )
    assert said.posts["text"].to_pylist() == said.accounts["bio"].to_pylist() == [left]


def test_reposts_go_and_replies_and_quotes_stay_without_their_addressee() -> None:
    kinds = [
        Post(account_id="2", text="mine", repost_of_account_id="id-of-ana"),
        Post(account_id="2", text="RT @ana: mine"),
        Post(account_id="2", text="RT @ana.b: theirs"),
        Post(account_id="2", text="RT @bo: his", repost_of_account_id="id-of-bo"),
        Post(account_id="2", text="reply", reply_to_account_id="id-of-ana"),
        Post(account_id="2", text="quote", quote_of_account_id="id-of-ana"),
        Post(account_id="2", text="reply to bo", reply_to_account_id="id-of-bo", mentions=("bo", "@ana", "id-of-ana", "ana")),
        Post(account_id="id-of-ana", text="my own"),
    ]
    rest = Dataset.from_records([ANA, BO], posts=kinds).forget("ana").posts.to_pylist()
    left = {p["text"]: (p["reply_to_account_id"], p["quote_of_account_id"], p["mentions"]) for p in rest}
    assert left == {
        "RT @ana.b: theirs": (None, None, None),
        "RT @bo: his": (None, None, None),
        "reply": (None, None, None),
        "quote": (None, None, None),
        "reply to bo": ("id-of-bo", None, ["bo"]),
    }


def test_unknown_columns_are_searched_too() -> None:
    people = pa.table(
        {
            "account_id": ["777001", "2"],
            "username": ["ana", "bo"],
            "invited_by": [None, "777001"],
            "friend": ["bo", "@Ana"],
            "note": ["x", "met @ana in Oslo"],
            "friends": [["bo"], ["ana", "cy", "777001"]],
            "inviter_id": [2, 777001],
            "score": [5, 777001],
        }
    )
    follows = pa.table({"source_id": ["2", "2"], "target_id": ["3", "777001"], "via": ["@ana", "search"]})
    rest = Dataset.from_frames(people, follows=follows).forget("777001")
    bo = rest.accounts.to_pylist()[0]
    kept = {name: bo[name] for name in ("invited_by", "friend", "note", "friends", "inviter_id", "score")}
    expected = {"invited_by": None, "friend": None, "note": "met @forgotten in Oslo", "friends": ["cy"], "inviter_id": None}
    assert kept == {**expected, "score": 777001}  # a number that only looks like the id
    assert rest.follows.to_pylist() == [{"source_id": "2", "target_id": "3", "created_at": None, "via": None}]


def test_ids_are_told_apart_by_case_and_usernames_are_not() -> None:
    data = Dataset.from_records(
        [Account(account_id="Ab", username="ana"), Account(account_id="aB", username="bo")],
        posts=[Post(account_id="aB", text="@ANA", reply_to_account_id="aB")],
    )
    assert data.forget("Ab").posts.to_pylist()[0]["reply_to_account_id"] == "aB"
    assert data.forget("Ab").posts["text"].to_pylist() == ["@forgotten"]


def test_issues_that_name_the_person_go() -> None:
    twice = pa.table(
        {
            "account_id": ["7", "7", "2", "2", "3"],
            "username": ["ana"] * 2 + ["bo"] * 2 + ["cy"],
            "post_count": ["@ana"] + ["1"] * 3 + ["x"],
        }
    )
    rest = Dataset.from_frames(twice).forget("7")
    assert rest.issues == (
        Issue("accounts", 5, "post_count", "not a count: 'x'; value left out"),
        Issue("accounts", None, "account_id", "'2' stands in 2 records; merged into one"),
    )


def test_another_account_of_that_username_stays() -> None:
    data = Dataset.from_records([Account(account_id="1", username="ana"), Account(account_id="2", username="ana")])
    assert data.forget("1").accounts["username"].to_pylist() == ["ana"]


@pytest.mark.parametrize("name", ["a.b", "a+b", "a|b", "(a", "a b", "\\d", "é.ß", "*"])
def test_usernames_are_taken_literally(name: str) -> None:
    data = Dataset.from_records([Account(account_id="1", username=name)], posts=[Post(account_id="2", text=f"@{name} aab @5")])
    assert data.forget("1").posts["text"].to_pylist() == ["@forgotten aab @5"]


def test_somebody_unknown_cannot_be_forgotten() -> None:
    data = Dataset.from_records([ANA])
    with pytest.raises(UnknownAccount, match=r"no account '@anna' here; did you mean @ana\?"):
        data.forget("@anna")
    with pytest.raises(UnknownAccount):
        data.forget("id-of-ana").forget("id-of-ana")


def test_others_no_longer_say_which_post_of_the_forgotten_they_answer() -> None:
    people = [Account(account_id="1", username="ana"), Account(account_id="2", username="bo")]
    posts = [
        Post(account_id="1", post_id="a", text="Which grid?"),
        Post(account_id="2", post_id="b", text="this one", reply_to_account_id="1", reply_to_post_id="a"),
        Post(account_id="2", post_id="c", text="that one", reply_to_account_id="1", reply_to_post_id="gone"),
        Post(account_id="2", post_id="d", text="or this", reply_to_post_id="a"),
        Post(account_id="2", post_id="e", text="and more", reply_to_account_id="2", reply_to_post_id="d"),
        Post(account_id="2", post_id="f", text="and else", reply_to_post_id="d"),
    ]
    left = Dataset.from_records(people, posts=posts).forget("1").posts.to_pylist()
    assert {post["post_id"]: post["reply_to_post_id"] for post in left} == {"b": None, "c": None, "d": None, "e": "d", "f": "d"}
