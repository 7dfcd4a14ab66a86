"""The inbox of the invented world's hero, with the real model, against what was planted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

import tweetfocus as tf
from tests.world.mail import ANSWERED, HERO, MAIL, SMALL_TALK, SPAM, mail
from tweetfocus.embedding.texts import clean_text

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
Truth = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def index(world_index: tf.AccountIndex, tmp_path_factory: pytest.TempPathFactory) -> tf.AccountIndex:
    cache = tf.VectorCache(tmp_path_factory.mktemp("cache") / "vectors.sqlite")
    return world_index.add(mail(world_index.data), cache=cache, progress=False)


@pytest.fixture(scope="module")
def found(index: tf.AccountIndex) -> tf.Inbox:
    return tf.inbox(index, "@me", as_of=AS_OF)


def _planted(kind: str) -> set[str]:
    return {text for _, _, of, text in MAIL if of == kind}


def test_the_planted_questions_are_found_and_come_first(found: tf.Inbox) -> None:
    asked = [m.text for m in found.waiting if m.kind == "question"]
    assert len(_planted("question") & set(asked)) == len(_planted("question")) == 7
    assert not set(asked) & (_planted("comment") | _planted("thanks") | _planted("other"))
    assert [m.kind.value for m in found.waiting] == sorted((m.kind.value for m in found.waiting), reverse=True)


def test_each_kind_is_in_its_place(found: tf.Inbox) -> None:
    assert _planted("comment") <= {m.text for m in found.waiting}
    assert _planted("thanks") == {m.text for m in found.thanks}
    assert _planted("repost") <= {m.text for m in found.reposts}
    assert _planted("other") == {m.text for m in found.other}


def test_a_stranger_of_another_field_waits_behind_those_of_the_field(found: tf.Inbox) -> None:
    asked = [m.username for m in found.waiting if m.kind == "question"]
    assert asked[-1] == "chef_ottavio"
    assert asked[0] == "kwh_kasia"  # as relevant and courteous as others, and asked three days ago


def test_answered_questions_are_nowhere(found: tf.Inbox) -> None:
    shown = {m.text for m in (*found.waiting, *found.thanks, *found.reposts, *found.other)}
    assert not shown & {text for _, _, text in ANSWERED}
    assert found.counts["answered"] >= len(ANSWERED)


def test_spam_protected_and_muted_are_left_out_with_their_codes(found: tf.Inbox) -> None:
    assert Counter(left.code.value for left in found.left_out) == {"spam": len(SPAM), "protected": 1, "muted": 1}
    assert {left.post_id for left in found.left_out} == {"spam-0", "spam-1", "protected", "muted"}


def test_posts_worth_passing_on_are_followers_own_words_on_topic(index: tf.AccountIndex, found: tf.Inbox, truth: Truth) -> None:
    row = index.data.row("@me")
    followers = {index.data.account_id(int(r)) for r in index.graph.followers(row)}
    assert len(found.worth_reposting) == 10
    assert {post.account_id for post in found.worth_reposting} <= followers
    assert len({post.account_id for post in found.worth_reposting}) == 10  # one of each
    assert all(truth[post.account_id]["relevant"] == "1" for post in found.worth_reposting)
    assert not any(post.text.startswith(("@", "RT @")) or f"@{HERO}" in post.text for post in found.worth_reposting)


def test_hardly_any_small_talk_is_passed_on(index: tf.AccountIndex) -> None:
    many = tf.inbox(index, "@me", as_of=AS_OF, n_reposts=500, per_person=50, days=None).worth_reposting
    texts = index.data.posts["text"].to_pylist()
    assert all(sum(text.startswith(talk) for text in texts) == 1 for talk in SMALL_TALK)
    off_topic = [post.text for post in many if post.text.startswith(SMALL_TALK)]
    assert len(many) >= 50
    assert len(off_topic) <= 1


def test_what_was_passed_on_already_does_not_come_again(index: tf.AccountIndex) -> None:
    first = tf.inbox(index, "@me", as_of=AS_OF, n_reposts=3).worth_reposting
    me = index.data.account("@me").account_id
    told = [
        tf.Post(account_id=me, post_id="r1", text=f"RT {first[0].label}: {first[0].text[:90]}…"),
        tf.Post(account_id=me, post_id="r2", text=first[1].text, repost_of_account_id=first[1].account_id),
    ]
    again = tf.inbox(
        index.add(tf.Dataset.from_records(posts=told), cache=False), "@me", as_of=AS_OF, n_reposts=500, per_person=9
    )
    texts = {clean_text(post.text) for post in again.worth_reposting}
    assert not texts & {clean_text(first[0].text), clean_text(first[1].text)}
    assert clean_text(first[2].text) in texts


def test_people_who_never_got_a_word_back(index: tf.AccountIndex, found: tf.Inbox) -> None:
    names = {person.username for person in found.never_answered}
    assert {"kwh_kasia", "forecast_femi", "chef_ottavio"} <= names
    assert not names & {"tamsin_tariff", "dr_flexload", "bigdata_hub247", "finn_feeder", "vera_substn"}
    me = index.data.account("@me").account_id
    said = " ".join(post["text"].lower() for post in index.data.posts.to_pylist() if post["account_id"] == me)
    assert not [name for name in names if f"@{name}" in said]
