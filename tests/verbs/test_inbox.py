from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.verbs.inbox_items import RepostCandidate

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ["ana", "bo", "cy", "dee", "eve", "fay"]


def _post(author: int, text: str, day: float | None = None, **fields: Any) -> tf.Post:
    at = None if day is None else START + timedelta(days=day)
    return tf.Post(account_id=str(author), text=text, created_at=at, **fields)


def _data(*posts: tf.Post, accounts: dict[int, dict[str, Any]] | None = None, **pairs: Any) -> tf.Dataset:
    people = [tf.Account(account_id=str(n), username=name, **(accounts or {}).get(n, {})) for n, name in enumerate(NAMES)]
    return tf.Dataset.from_records(people, posts=posts, **pairs)


def _index(*posts: tf.Post, **fields: Any) -> tf.AccountIndex:
    return tf.AccountIndex.build(_data(*posts, **fields), encoder=tf.HashingEncoder(32), cache=False)


def _waiting(found: tf.Inbox) -> list[str]:
    return [mention.text for mention in found.waiting]


def test_questions_come_before_comments_and_new_before_old() -> None:
    posts = [_post(1, "@ana ours has 25 hours as well", 20), _post(2, "@ana which grid?", 1), _post(3, "@ana which one?", 19)]
    assert _waiting(tf.inbox(_index(*posts), "@ana")) == [
        "@ana which one?",
        "@ana which grid?",
        "@ana ours has 25 hours as well",
    ]


def test_a_courteous_person_comes_before_a_silent_one() -> None:
    habits = [_post(2, f"@cy thought {n}" if n % 2 else f"thought {n} of mine", 1, post_id=str(n)) for n in range(8)]
    alone = [_post(1, f"thought {n} of mine", 1, post_id=str(n)) for n in range(8)]
    habits = [_post(2, post.text.replace("@cy", "@dee"), 1, post_id=post.post_id) for post in habits]
    asked = [_post(1, "@ana which grid?", 3), _post(2, "@ana which grid?", 3)]
    found = tf.inbox(_index(*habits, *alone, *asked), "@ana")
    assert [mention.username for mention in found.waiting] == ["cy", "bo"]
    assert found.waiting[0].contributions["courtesy"] > found.waiting[1].contributions["courtesy"]
    assert found.waiting[0].score == pytest.approx(sum(found.waiting[0].contributions.values()))


@pytest.mark.parametrize("reply", ["@bo the old one", "as @bo says"])
def test_an_answered_mention_is_in_no_list(reply: str) -> None:
    found = tf.inbox(_index(_post(1, "@ana which grid?", 1), _post(0, reply, 2)), "@ana")
    assert (found.waiting, found.thanks, found.other, found.never_answered) == ((), (), (), ())
    assert found.counts["answered"] == 1


@pytest.mark.parametrize(
    ("accounts", "pairs", "code"),
    [
        ({1: {"protected": True}}, {}, "protected"),
        ({1: {"discoverable": False}}, {}, "opted_out"),
        ({}, {"mutes": [tf.Follow(source_id="0", target_id="1")]}, "muted"),
        ({}, {"blocks": [tf.Follow(source_id="0", target_id="1")]}, "blocked"),
        ({}, {"blocks": [tf.Follow(source_id="1", target_id="0")]}, "blocked"),
    ],
)
def test_who_is_left_out_is_named_with_code_and_post(accounts: Any, pairs: Any, code: str) -> None:
    found = tf.inbox(_index(_post(1, "@ana which grid?", 1, post_id="7"), accounts=accounts, **pairs), "@ana")
    assert (found.waiting, found.never_answered) == ((), ())
    assert [str(left) for left in found.left_out] == [f"@bo, post 7: {code}"]


def test_being_muted_by_somebody_changes_nothing() -> None:
    muted = [tf.Follow(source_id="1", target_id="0")]
    assert len(tf.inbox(_index(_post(1, "@ana which grid?", 1), mutes=muted), "@ana").waiting) == 1


def test_what_is_older_is_counted_and_said() -> None:
    index = _index(_post(1, "@ana which grid?", 1), _post(2, "@ana which one?", 95), _post(3, "@ana and which?"))
    found = tf.inbox(index, "@ana")
    assert set(_waiting(found)) == {"@ana which one?", "@ana and which?"}  # without a date nobody can say that it is old
    assert found.counts["older"] == 1
    assert found.notes[-1] == "1 unanswered mention older than 90 days is left out"
    assert len(tf.inbox(index, "@ana", days=None).waiting) == 3
    assert len(tf.inbox(index, "@ana", days=1, as_of=START + timedelta(days=96)).waiting) == 2


def test_a_clock_in_the_future_does_not_age_the_others() -> None:
    index = _index(_post(1, "@ana which grid?", 1), _post(2, "@ana which one?", 40_000))
    found = tf.inbox(index, "@ana")
    assert set(_waiting(found)) == {"@ana which grid?", "@ana which one?"}
    assert {mention.created_at for mention in found.waiting} == {START + timedelta(days=1), None}


def test_n_limits_the_lists_and_not_the_counts() -> None:
    posts = [_post(1, f"@ana which grid, the {n}th?", n) for n in range(5)]
    found = tf.inbox(_index(*posts), "@ana", n=2)
    assert len(found.waiting) == 2
    assert repr(found) == "Inbox(5 waiting: 5 questions, 0 comments)"


def test_people_never_answered_are_those_without_any_word_back() -> None:
    posts = [_post(1, "RT @ana: grids", 1), _post(2, "@ana thanks!", 2), _post(3, "@ana yes", 1), _post(0, "RT @dee: kelp", 2)]
    found = tf.inbox(_index(*posts), "@ana")
    assert {(p.username, *p.spoke.items()) for p in found.never_answered} == {("bo", ("repost", 1)), ("cy", ("reply", 1))}
    assert {p.username: p.last for p in found.never_answered}["cy"] == START + timedelta(days=2)


@pytest.mark.parametrize(
    ("posts", "note"),
    [
        ((), "nobody in this index has addressed this account"),
        ((_post(0, "alone", 1),), "nobody in this index has addressed this account"),
    ],
)
def test_nothing_came_in(posts: tuple[tf.Post, ...], note: str) -> None:
    found = tf.inbox(_index(*posts), "@ana")
    assert note in found.notes
    assert repr(found) == "Inbox(0 waiting: 0 questions, 0 comments)"


def test_unusable_dates_are_said() -> None:
    found = tf.inbox(_index(_post(1, "@ana which grid?"), _post(0, "@bo this one", 2)), "@ana")
    assert found.notes[-1] == "1 mention without a usable date is taken as answered, since there is a reply to its author"


@pytest.mark.parametrize(
    "options", [{"n": 0}, {"n": True}, {"n_reposts": 1.5}, {"days": -1}, {"days": float("nan")}, {"as_of": "now"}]
)
def test_options_are_honoured_or_refused(options: dict[str, Any]) -> None:
    with pytest.raises(tf.InvalidRequest, match=next(iter(options))):
        tf.inbox(_index(), "@ana", **options)


def test_a_stranger_is_unknown() -> None:
    with pytest.raises(tf.UnknownAccount, match="did you mean @ana"):
        tf.inbox(_index(), "@anaa")


def test_everything_is_in_the_dict_and_hostile_text_stays_text() -> None:
    nasty = "@ana which <script>alert(1)</script>\u202e\n\x1b[31m grid?"
    found = tf.inbox(_index(_post(1, nasty, 1), _post(2, "@ana שאלה לך: איך עושים את זה?", 1)), "@ana")
    said = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [m["text"] for m in said["waiting"]] == [m["text"] for m in found.to_dicts()] == _waiting(found)
    assert nasty in _waiting(found)
    assert "<script>" not in found._repr_html_()
    assert "\x1b" not in str(found)
    assert "\u202e" not in str(found)
    assert set(said) == set(found.__dataclass_fields__)


def test_str_tells_every_section() -> None:
    found = tf.inbox(
        _index(_post(1, "@ana which grid?", 1), _post(2, "@ana thanks!", 2), _post(3, "RT @ana: grids", 2)), "@ana"
    )
    full = replace(found, worth_reposting=(RepostCandidate("1", "bo", "1", "Grids", None, 1.0, {}, "On your field"),))
    for heading in (
        "Waiting for an answer:",
        "Thanks:",
        "Passed your words on:",
        "Worth passing on:",
        "Never thanked or answered:",
    ):
        assert heading in str(full)
        assert heading[:-1] in full._repr_html_()


TEXTS = ["@{} which grid?", "@{} ours too", "@{} thanks!", "RT @{}: grid", "so @{} how", "@{} 😂", "heat pumps and grids today"]


@st.composite
def _talks(draw: st.DrawFn) -> list[tf.Post]:
    posts = []
    for number in range(draw(st.integers(0, 12))):
        author, other = draw(st.permutations(range(5)))[:2]
        text = draw(st.sampled_from(TEXTS)).format(NAMES[other])
        posts.append(_post(author, text, draw(st.none() | st.integers(0, 30)), post_id=f"p{number}"))
    return posts


@given(_talks(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20)
def test_the_order_of_input_changes_nothing(posts: list[tf.Post], random: Any) -> None:
    mixed = list(posts)
    random.shuffle(mixed)
    assert tf.inbox(_index(*posts), "@ana").to_dict() == tf.inbox(_index(*mixed), "@ana").to_dict()


@given(_talks())
@settings(deadline=None, max_examples=20)
def test_answering_empties_the_inbox(posts: list[tf.Post]) -> None:
    replies = [_post(0, f"@{name} yes", 31, post_id=f"answer-{name}") for name in NAMES[1:]]
    found = tf.inbox(_index(*posts, *replies), "@ana", days=None)
    assert (found.waiting, found.thanks, found.reposts, found.other, found.never_answered) == ((), (), (), (), ())
    before = tf.inbox(_index(*posts), "@ana", days=None)
    assert found.counts["answered"] == sum(
        before.counts[k] for k in ("questions", "comments", "thanks", "reposts", "other", "answered")
    )


def _field_index(**fields: Any) -> tf.AccountIndex:
    """Enough people for relevance to be judged: twelve on grids, twelve on kelp; all follow ana."""
    people, posts, follows = [], [], []
    for n in range(24):
        words = "grid feeder load peak" if n % 2 == 0 else "kelp reef coral tide"
        people.append(tf.Account(account_id=f"{n:02}", username="ana" if n == 0 else f"name{n}", bio=words, **fields))
        for m, more in enumerate(["today", "again", "tomorrow", "monday", "friday", "easter"]):
            text = f"{words} {more} number{n % 5} here"
            posts.append(tf.Post(account_id=f"{n:02}", post_id=f"{m}", text=text, created_at=START + timedelta(days=m)))
        follows += [tf.Follow(source_id=f"{n:02}", target_id=f"{t:02}") for t in range(24) if t != n and t % 2 == n % 2]
        follows.append(tf.Follow(source_id=f"{n:02}", target_id="00")) if n else None
    return tf.AccountIndex.build(
        tf.Dataset.from_records(people, posts=posts, follows=follows), encoder=tf.HashingEncoder(64), cache=False
    )


def test_posts_worth_passing_on_are_of_the_field_and_of_several_people() -> None:
    index = _field_index()
    found = tf.inbox(index, "@ana", n_reposts=30).worth_reposting
    assert found
    assert all(post.text.startswith("grid") for post in found)
    assert len({post.account_id for post in found}) == len(found)
    twice = tf.inbox(index, "@ana", n_reposts=30, per_person=2).worth_reposting
    assert max(np.unique([post.account_id for post in twice], return_counts=True)[1]) == 2
    firsts = len({post.account_id for post in twice})
    assert len({post.account_id for post in twice[:firsts]}) == firsts  # everybody's best one first
