from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.correspondence import UNDATED, find_correspondence
from tweetfocus.data.dataset import Dataset
from tweetfocus.data.engagement import KINDS
from tweetfocus.data.records import Account, Post

PEOPLE = [Account(account_id=str(n), username=name) for n, name in enumerate(["ana", "bo", "cy"])]
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _post(author: int, text: str, day: int | None = None, **fields: Any) -> Post:
    at = None if day is None else START + timedelta(days=day)
    return Post(account_id=str(author), text=text, created_at=at, **fields)


def _received(*posts: Post) -> list[tuple[str, str, bool, bool]]:
    """(text, kind, answered, unsure) of what ana received."""
    data = Dataset.from_records(PEOPLE, posts=posts)
    found = find_correspondence(data, 0, now=int(NOW.timestamp() * 1e6))
    texts = [data.posts["text"][post].as_py() for post in found.posts.tolist()]
    kinds = [KINDS[kind] for kind in found.kinds.tolist()]
    return list(zip(texts, kinds, found.answered.tolist(), found.unsure.tolist(), strict=True))


def _open(*posts: Post) -> set[str]:
    return {text for text, _, answered, _ in _received(*posts) if not answered}


@pytest.mark.parametrize(
    ("answer", "answered"),
    [
        (_post(0, "@bo the old one", 2), True),
        (_post(0, "as @bo asked: the old one", 2), True),
        (_post(0, "This.", 2, quote_of_account_id="1"), True),
        (_post(0, "Yes.", 2, reply_to_account_id="1"), True),
        (_post(0, "@bo the old one", 1), True),  # in the same moment
        (_post(0, "@bo good morning", 0), False),  # before the question
        (_post(0, "@cy the old one", 2), False),
        (_post(0, "RT @bo: which grid?", 2), False),
        (_post(0, "the old one", 2), False),
        (_post(2, "@bo the old one", 2), False),
    ],
)
def test_what_counts_as_an_answer(answer: Post, answered: bool) -> None:
    assert _received(_post(1, "@ana which grid?", 1), answer)[0] == ("@ana which grid?", "reply", answered, False)


def test_one_reply_answers_everything_before_it_and_nothing_after() -> None:
    posts = [_post(1, f"@ana {day}", day) for day in (1, 3, 5)]
    assert _open(*posts, _post(0, "@bo yes", 3)) == {"@ana 5"}


def test_a_reply_that_names_its_post_answers_that_post_only() -> None:
    posts = [_post(1, "@ana first?", 1, post_id="a"), _post(1, "@ana second?", 2, post_id="b")]
    assert _open(*posts, _post(0, "@bo yes", 3, reply_to_account_id="1", reply_to_post_id="b")) == {"@ana first?"}


def test_an_answer_may_name_a_post_that_the_clock_puts_after_it() -> None:
    asked = _post(1, "@ana which?", 5, post_id="a")
    assert _open(asked, _post(0, "@bo this", 4, reply_to_account_id="1", reply_to_post_id="a")) == set()


def test_what_the_answered_post_continues_is_answered_too() -> None:
    posts = [
        _post(1, "@ana one", 1, post_id="a"),
        _post(1, "@ana two", 2, post_id="b", reply_to_account_id="1", reply_to_post_id="a"),
        _post(1, "@ana three", 3, post_id="c", reply_to_account_id="1", reply_to_post_id="b"),
        _post(1, "@ana else", 2, post_id="d"),
    ]
    reply = _post(0, "@bo yes", 4, reply_to_account_id="1", reply_to_post_id="c")
    assert _open(*posts, reply) == {"@ana else"}


def test_posts_that_continue_each_other_in_a_circle_come_to_an_end() -> None:
    posts = [
        _post(1, "@ana one", 1, post_id="a", reply_to_post_id="b"),
        _post(1, "@ana two", 2, post_id="b", reply_to_post_id="a"),
    ]
    assert _open(*posts, _post(0, "@bo", 3, reply_to_account_id="1", reply_to_post_id="a")) == set()


def test_post_ids_belong_to_their_author() -> None:
    posts = [_post(1, "@ana bo?", 1, post_id="a"), _post(2, "@ana cy?", 1, post_id="a")]
    assert _open(*posts, _post(0, "@bo", 3, reply_to_account_id="1", reply_to_post_id="a")) == {"@ana cy?"}


def test_a_named_post_that_is_not_there_leaves_the_rule_of_time() -> None:
    reply = _post(0, "@bo yes", 3, reply_to_account_id="1", reply_to_post_id="zz")
    assert _open(_post(1, "@ana early?", 1), _post(1, "@ana late?", 4), reply) == {"@ana late?"}


@pytest.mark.parametrize(("asked", "replied"), [(None, 2), (1, None), (None, None), (400, 2), (1, 400)])
def test_without_a_usable_date_a_reply_counts_and_is_marked(asked: int | None, replied: int | None) -> None:
    found = _received(_post(1, "@ana which?", asked), _post(0, "@bo this", replied))
    assert found[0][2:] == (True, True)


def test_without_a_reply_a_missing_date_makes_no_answer() -> None:
    assert _open(_post(1, "@ana which?"), _post(0, "@cy this")) == {"@ana which?"}


def test_times_from_the_future_are_unknown() -> None:
    data = Dataset.from_records(PEOPLE, posts=[_post(1, "@ana hi", 400), _post(2, "@ana hi", 2)])
    found = find_correspondence(data, 0, now=int(NOW.timestamp() * 1e6))
    assert found.times.tolist() == [UNDATED, int((START + timedelta(days=2)).timestamp() * 1e6)]


def test_everybody_ever_addressed_is_listed() -> None:
    data = Dataset.from_records(PEOPLE, posts=[_post(0, "RT @cy: hello"), _post(0, "@ana myself")])
    assert find_correspondence(data, 0, now=2**60).addressed.tolist() == [2]


def test_nobody_wrote() -> None:
    data = Dataset.from_records(PEOPLE)
    assert find_correspondence(data, 0, now=2**60).posts.tolist() == []


@st.composite
def _talk(draw: st.DrawFn) -> list[Post]:
    posts = []
    for number in range(draw(st.integers(0, 8))):
        author, other = draw(st.permutations([0, 1, 2]))[:2]
        name = PEOPLE[other].username
        day = draw(st.none() | st.integers(0, 5))
        posts.append(_post(author, f"{draw(st.sampled_from(['', 'RT ', 'so ']))}@{name} {number}", day))
    return posts


@given(_talk())
@settings(deadline=None, max_examples=60)
def test_it_agrees_with_the_rule_in_plain_words(posts: list[Post]) -> None:
    for text, kind, answered, _ in _received(*posts):
        post = next(p for p in posts if p.text == text)
        replies = [p for p in posts if p.account_id == "0" and f"@{PEOPLE[int(post.account_id)].username} " in p.text]
        replies = [p for p in replies if not p.text.startswith("RT ")]
        known = [p for p in replies if p.created_at is not None and post.created_at is not None]
        later = [p for p in known if p.created_at >= post.created_at]  # type: ignore[operator]
        assert answered == bool(later or len(known) < len(replies))
        assert kind == ("repost" if text.startswith("RT ") else "mention" if text.startswith("so ") else "reply")
