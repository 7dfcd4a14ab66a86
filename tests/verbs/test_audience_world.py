"""`audience` and `audit` against what the planter knows of the invented world, with the real model."""

from __future__ import annotations

import pytest

import tweetfocus as tf

HERO = "@mara_lindqvist"
COLLEAGUES = ("professional", "dormant", "protected", "opted_out")
Truth = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def found(world_index: tf.AccountIndex) -> tf.Audience:
    return tf.audience(world_index, HERO)


def _near(truth: Truth, account_id: str) -> bool:
    record = truth[account_id]
    return record["role"] in COLLEAGUES and bool({"data engineering", "energy systems"} & set(record["fields"].split(";")))


def test_relevant_followers_are_those_of_the_field(found: tf.Audience, truth: Truth) -> None:
    judged = [m for m in found.followers.members if truth[m.account_id]["role"] != "link_spammer"]
    hits = [m.relevant == _near(truth, m.account_id) for m in judged]
    assert sum(hits) >= 0.9 * len(hits)
    share = sum(_near(truth, m.account_id) for m in found.followers.members) / len(found.followers)
    assert found.followers.interval is not None
    assert found.followers.interval[0] < share < found.followers.interval[1]


def test_spammers_are_no_audience(found: tf.Audience, truth: Truth) -> None:
    spammers = {m.account_id for m in found.followers.members if truth[m.account_id]["role"] == "link_spammer"}
    assert {m.account_id for m in found.followers.members if m.spam} == spammers
    assert not any(m.effective for m in found.followers.members if m.account_id in spammers)


def test_the_dormant_are_silent(found: tf.Audience, truth: Truth) -> None:
    for member in (*found.followers.members, *found.following.members):
        assert (member.active is False) == (truth[member.account_id]["role"] == "dormant")


def test_every_engagement_is_a_post_of_the_world(found: tf.Audience, world_index: tf.AccountIndex) -> None:
    posts = {p["post_id"]: p for p in world_index.data.posts.to_pylist()}
    for one in found.influence.exchanges:
        for post_id in one.received_post_ids:
            assert posts[post_id]["account_id"] == one.account_id
            assert "@mara_lindqvist" in posts[post_id]["text"].lower()
        for post_id in one.given_post_ids:
            assert posts[post_id]["account_id"] == found.account_id
        assert len(one.received_post_ids) == sum(one.received.values())
    assert found.influence.engagement == pytest.approx(sum(one.points for one in found.influence.exchanges))


def test_personal_posts_are_among_the_worst(world_index: tf.AccountIndex) -> None:
    worst = " ".join(post.text for post in tf.audit(world_index, HERO).off_topic[:5])
    assert "My daughter has decided that the cat is the conductor" in worst
    assert "First skate on the lake" in worst


def test_the_two_fields_of_the_hero(world_index: tf.AccountIndex) -> None:
    found = tf.audit(world_index, HERO)
    words = [set(facet.words) for facet in found.facets]
    data, energy = (words[0], words[1]) if "dbt" in words[0] else (words[1], words[0])
    assert {"dbt", "airflow"} <= data
    assert {"heat pumps", "substation"} <= energy
    assert found.agreement.agreement is not None
    assert found.agreement.agreement > 0.9


def test_a_promise_without_posts_is_seen(world_index: tf.AccountIndex) -> None:
    row = world_index.data.row("@ola_streams")
    account = world_index.data.account("@ola_streams")
    bio = f"{account.bio} Employment law, dismissal and grievance."
    changed = tf.Dataset.from_records([tf.Account(account_id=world_index.data.account_id(row), bio=bio)])
    index = world_index.add(changed, cache=False, progress=False)
    lacking = tf.audit(index, "@ola_streams").agreement.lacking
    assert {"dismissal", "grievance"} & set(lacking)
    assert not {"kafka", "flink", "streams", "events"} & set(lacking)


def test_a_bio_of_another_field_fits_badly(world_index: tf.AccountIndex) -> None:
    chef = world_index.data.account("@chef_ottavio").bio
    row = world_index.data.row("@ola_streams")
    changed = tf.Dataset.from_records([tf.Account(account_id=world_index.data.account_id(row), bio=chef)])
    before = tf.audit(world_index, "@ola_streams").agreement
    after = tf.audit(world_index.add(changed, cache=False, progress=False), "@ola_streams")
    assert before.agreement is not None
    assert after.agreement.agreement is not None
    assert after.agreement.agreement < 0.5 < before.agreement
    assert after.agreement.hides == (True,)
    assert "bio_hides" in {change.code for change in after.changes}
