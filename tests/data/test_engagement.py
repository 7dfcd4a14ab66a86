from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.engagement import KINDS, find_addresses, find_engagement, is_reply, is_repost
from tweetfocus.data.records import Account, Post

PEOPLE = [Account(account_id=str(n), username=name) for n, name in enumerate(["ana", "Bo", "cy_9", "dee"])]


def _towards(row: int, *posts: Post, people: list[Account] | None = None) -> dict[int, dict[str, int]]:
    return find_engagement(Dataset.from_records(people or PEOPLE, posts=posts)).towards(row)


def _post(text: str = "-", **fields: Any) -> Post:
    return Post(account_id="1", text=text, **fields)


@pytest.mark.parametrize(
    ("post", "kind"),
    [
        (_post(reply_to_account_id="0"), "reply"),
        (_post(repost_of_account_id="0"), "repost"),
        (_post(quote_of_account_id="0"), "quote"),
        (_post(mentions=("0",)), "mention"),
        (_post(mentions=("ana",)), "mention"),
        (_post(mentions=("@ANA",)), "mention"),
        (_post("@ana which grid?"), "reply"),
        (_post(".@Ana which grid?"), "reply"),
        (_post("RT @ana: heat pumps"), "repost"),
        (_post("as @ana says"), "mention"),
        (_post("(@ana)"), "mention"),
        (_post("thanks, @ANA."), "mention"),
    ],
)
def test_each_kind_is_read_from_its_column_or_from_the_text(post: Post, kind: str) -> None:
    assert _towards(0, post) == {1: {kind: 1}}


@pytest.mark.parametrize(
    "post",
    [
        _post("nothing"),
        _post("mail me: bo@ana.example, x@ana"),
        _post("@@ana"),
        _post("@anastasia"),
        _post("@nobody RT @nobody"),
        _post(reply_to_account_id="77", quote_of_account_id="78", repost_of_account_id="79", mentions=("80", "nobody")),
        _post("as @ana says", mentions=()),
    ],
)
def test_nobody_known_is_nobody_addressed(post: Post) -> None:
    assert find_engagement(Dataset.from_records(PEOPLE, posts=[post])).counts.tolist() == []


def test_a_column_goes_before_the_text() -> None:
    assert _towards(0, _post("@ana hi", reply_to_account_id="3")) == {1: {"mention": 1}}
    assert _towards(3, _post("@ana hi", reply_to_account_id="3")) == {1: {"reply": 1}}
    assert _towards(0, _post("RT @ana: hi", repost_of_account_id="3", mentions=())) == {}


def test_a_post_counts_one_way_per_addressee() -> None:
    everything = _post(
        "@ana", reply_to_account_id="0", repost_of_account_id="0", quote_of_account_id="0", mentions=("0", "ana")
    )
    assert _towards(0, everything) == {1: {"reply": 1}}
    assert _towards(0, _post("RT @ana: @ana @ana")) == {1: {"repost": 1}}
    assert _towards(0, _post(quote_of_account_id="0", mentions=("ana",))) == {1: {"quote": 1}}
    several = _post("@ana with @bo and @dee and @dee")
    assert [_towards(row, several) for row in range(4)] == [{1: {"reply": 1}}, {}, {}, {1: {"mention": 1}}]


def test_posts_are_counted() -> None:
    posts = (
        [_post(f"@ana {n}") for n in range(3)] + [_post(f"hi @ana {n}") for n in range(2)] + [Post(account_id="3", text="@ana")]
    )
    assert _towards(0, *posts) == {1: {"reply": 3, "mention": 2}, 3: {"reply": 1}}


def test_nobody_addresses_themselves() -> None:
    assert _towards(1, _post("@bo", reply_to_account_id="1", mentions=("Bo",)), _post("RT @bo: x"), _post("I, @Bo")) == {}


def test_a_username_of_several_accounts_is_nobody() -> None:
    people = [Account(account_id="0", username="ana"), Account(account_id="2", username="ANA"), Account(account_id="3")]
    posts = [
        _post("@ana hi"),
        _post("hi @ana"),
        _post("RT @ana: hi"),
        _post("a", mentions=("ana",)),
        _post("b", mentions=("2",)),
    ]
    data = Dataset.from_records(people, posts=posts)
    assert [find_engagement(data).towards(row) for row in range(len(data))] == [{}, {}, {1: {"mention": 1}}, {}]


def test_a_mention_is_an_id_before_it_is_a_username() -> None:
    people = [Account(account_id="0", username="3"), Account(account_id="3", username="dee")]
    data = Dataset.from_records(people, posts=[_post(mentions=("3",))])
    assert find_engagement(data).towards(data.row("dee")) == {1: {"mention": 1}}
    assert find_engagement(data).towards(data.row("0")) == {}


@pytest.mark.parametrize("text", ["@{} hi", "RT @{}: hi", "hi @{}"])
def test_usernames_of_any_script_are_read_whole(text: str) -> None:
    people = [Account(account_id="0", username="jos"), Account(account_id="2", username="José")]
    data = Dataset.from_records(people, posts=[_post(text.format("josé"))])
    talk = find_engagement(data)
    assert talk.towards(0) == {}
    assert list(talk.towards(2)) == [1]


def test_replies_and_reposts_are_marked() -> None:
    posts = [
        Post(account_id="1", post_id="0", text="plain"),
        Post(account_id="1", post_id="1", text="@ana hi"),
        Post(account_id="1", post_id="2", text="@ana hi", reply_to_account_id="1"),
        Post(account_id="1", post_id="3", text="answer", reply_to_account_id="99"),
        Post(account_id="1", post_id="4", text="RT @someone: hi"),
        Post(account_id="1", post_id="5", text="theirs", repost_of_account_id="99"),
        Post(account_id="1", post_id="6", text="RT please, @ana"),
        Post(account_id="1", post_id="7", text="RT @émile: hi"),
    ]
    data = Dataset.from_records(PEOPLE, posts=posts)
    assert np.flatnonzero(is_reply(data)).tolist() == [1, 3]
    assert np.flatnonzero(is_repost(data)).tolist() == [4, 5, 7]


ids = st.none() | st.sampled_from(["0", "1", "2", "3", "9"])
posts = st.builds(
    Post,
    account_id=st.sampled_from("0123"),
    post_id=st.uuids().map(str),
    text=st.just("-"),
    reply_to_account_id=ids,
    repost_of_account_id=ids,
    quote_of_account_id=ids,
    mentions=st.none() | st.lists(st.sampled_from(["0", "1", "@Bo", "cy_9", "nobody"]), max_size=3).map(tuple),
)
BY_NAME = {"0": 0, "1": 1, "2": 2, "3": 3, "@Bo": 1, "cy_9": 2}


def _addressed(post: Post) -> dict[int, str]:
    """Whom a post addresses, each in the first way that applies."""
    found: dict[int, str] = {}
    columns = [(post.reply_to_account_id,), (post.repost_of_account_id,), (post.quote_of_account_id,), post.mentions or ()]
    for kind, names in zip(KINDS, columns, strict=True):
        for name in names:
            if name in BY_NAME and BY_NAME[name] != int(post.account_id):
                found.setdefault(BY_NAME[name], kind)
    return found


@given(st.lists(posts, max_size=12))
@settings(max_examples=60, deadline=None)
def test_counts_agree_with_a_plain_loop(said: list[Post]) -> None:
    expected: dict[tuple[int, int, str], int] = {}
    for post in said:
        for row, kind in _addressed(post).items():
            key = (row, int(post.account_id), kind)
            expected[key] = expected.get(key, 0) + 1
    talk = find_engagement(Dataset.from_records(PEOPLE, posts=said))
    found = {(row, a, kind): n for row in range(4) for a, kinds in talk.towards(row).items() for kind, n in kinds.items()}
    assert found == expected
    order = list(zip(np.repeat(np.arange(4), np.diff(talk.indptr)), talk.authors, talk.kinds, strict=True))
    assert order == sorted(order)
    assert len(order) == len(expected)


def test_without_posts_or_people_there_is_no_talk() -> None:
    for people in ([], PEOPLE):
        data = Dataset.from_records(people)
        talk = find_engagement(data)
        assert talk.indptr.tolist() == [0] * (len(people) + 1)
        assert len(talk.authors) == len(is_reply(data)) == len(is_repost(data)) == 0


def test_addresses_name_the_post_and_count_up_to_the_engagement() -> None:
    posts = [_post("@ana @Bo which?", post_id="b"), _post("RT @ana: heat", post_id="a"), _post("alone", post_id="c")]
    data = Dataset.from_records(PEOPLE, posts=posts)
    found = find_addresses(data)
    texts = data.posts["text"].take(found.posts).to_pylist()
    assert list(zip(texts, found.targets.tolist(), [KINDS[k] for k in found.kinds.tolist()], strict=True)) == [
        ("RT @ana: heat", 0, "repost"),
        ("@ana @Bo which?", 0, "reply"),
    ]
    assert find_engagement(data).towards(0) == {1: {"reply": 1, "repost": 1}}
