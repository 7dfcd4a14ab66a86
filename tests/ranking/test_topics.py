from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.kernels.chance import lower_null
from tweetfocus.kernels.interests import concentration
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.ranking.own_posts import own_posts
from tweetfocus.ranking.topics import FEWEST, Quarter, Topics, find_topics, quarters

HERO = "@mara_lindqvist"


def _topics(index: tf.AccountIndex, who: str = HERO, **options: object) -> Topics:
    row = index.data.row(who)
    return find_topics(index, row, own_posts(index, row), **options)  # type: ignore[arg-type]


def test_focus_is_that_of_the_index(world_index: tf.AccountIndex) -> None:
    for who in (HERO, "@ola_streams", "@chef_ottavio"):
        assert _topics(world_index, who).focus == pytest.approx(
            float(world_index.facets.focus[world_index.data.row(who)]), abs=1e-5
        )


def test_limits_are_those_of_a_normal_distribution(world_index: tf.AccountIndex) -> None:
    found = _topics(world_index)
    assert found.on_from == pytest.approx(1.2816, abs=1e-4)
    assert found.off_below == pytest.approx(0.5244, abs=1e-4)
    assert not (found.on & found.off).any()


def test_posts_by_others_keep_to_the_null_model(world_index: tf.AccountIndex) -> None:
    """Half of them lie below zero, and few of those from other fields are on topic."""
    found, row = _topics(world_index), world_index.data.row(HERO)
    others = np.delete(np.arange(len(world_index.post_vectors)), np.arange(*world_index.post_offsets[row : row + 2]))
    nearness = found.nearness_of(np.asarray(world_index.post_vectors[others]))
    assert 0.45 < np.mean(nearness < 0) < 0.55
    assert np.mean(nearness >= found.on_from) < 0.35
    assert found.nearness.mean() > nearness.mean() + 1


def test_a_post_does_not_speak_for_itself(world_index: tf.AccountIndex) -> None:
    """Held against a field that it is part of, every post would be nearer than it is."""
    found, row = _topics(world_index, "@ola_streams"), world_index.data.row("@ola_streams")
    own = np.asarray(world_index.post_vectors[slice(*world_index.post_offsets[row : row + 2])])
    assert (found.nearness_of(own) > found.nearness).all()


def test_shares_leave_out_what_is_off_topic(world_index: tf.AccountIndex) -> None:
    found = _topics(world_index)
    kept = found.labels[~found.off]
    assert found.shares.tolist() == pytest.approx([np.mean(kept == 0), np.mean(kept == 1)])


def test_as_one_field(world_index: tf.AccountIndex) -> None:
    found = _topics(world_index, as_one=True)
    assert len(found.centres) == 1
    assert set(found.labels.tolist()) == {0}
    assert found.shares.tolist() == [1]


def test_declared_fields_sort_the_posts(world_index: tf.AccountIndex) -> None:
    found, own = _topics(world_index, fields=["data  engineering", "energy systems"]), _topics(world_index)
    assert found.names == ("data engineering", "energy systems")
    dbt = int("dbt" not in world_index.fields_of(HERO)[0].words)
    same = (found.labels == 0) == (own.labels == dbt)
    assert same[~found.off].mean() > 0.85


def test_too_few_posts_by_others_measure_nothing() -> None:
    posts = [tf.Post(account_id="1", post_id=str(n), text=f"Heat pumps on feeder {n} of many") for n in range(8)]
    index = tf.AccountIndex.build(tf.Dataset.from_records(posts=posts), encoder=tf.HashingEncoder(), cache=False)
    found = _topics(index, "1")
    assert not found.measured
    assert np.isnan(found.nearness).all()
    assert not found.on.any()
    assert not found.off.any()


def test_quarters_by_hand(world_index: tf.AccountIndex) -> None:
    row = world_index.data.row(HERO)
    posts = own_posts(world_index, row)
    found = find_topics(world_index, row, posts)
    by_quarter = quarters(posts, found)
    assert [q.quarter for q in by_quarter] == ["2025-Q4", "2026-Q1"]
    new_year = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    late = posts.times[posts.embedded] >= new_year
    assert by_quarter[1].posts == late.sum()
    assert by_quarter[1].on_topic == pytest.approx(found.on[late].mean())
    assert by_quarter[1].focus == pytest.approx(concentration(posts.places[late]))
    assert sum(by_quarter[0].shares or ()) == pytest.approx(1)


def test_a_quarter_with_few_posts_is_not_judged() -> None:
    dated = [
        tf.Post(
            account_id="1",
            post_id=str(n),
            text=f"Heat pumps on feeder {n} of many",
            created_at=datetime(2024, 1 if n < 4 else 4, 5, tzinfo=UTC),
        )
        for n in range(8)
    ]
    index = tf.AccountIndex.build(tf.Dataset.from_records(posts=dated), encoder=tf.HashingEncoder(), cache=False)
    own = own_posts(index, 0)
    assert FEWEST == 5
    assert quarters(own, find_topics(index, 0, own)) == (
        Quarter("2024-Q1", 4, None, None, None),
        Quarter("2024-Q2", 4, None, None, None),
    )


def test_leaving_a_post_out_is_taking_it_from_the_sum(world_index: tf.AccountIndex) -> None:
    """Against a loop: the mean of both spaces, each in spreads of its own null, each post held against the rest of its field."""
    row = world_index.data.row("@ola_streams")
    found = _topics(world_index, "@ola_streams")
    own = slice(*(int(end) for end in world_index.post_offsets[row : row + 2]))
    vectors, bio = np.asarray(world_index.post_vectors[own], dtype=np.float32), world_index.bio_vectors[row : row + 1]
    others = np.delete(np.arange(len(world_index.post_vectors)), np.arange(own.start, own.stop))
    others = others[np.unique(np.linspace(0, len(others) - 1, 2000).round().astype(int))]
    parts, null = [], []
    for place in (world_index.space.place, lambda v: unit_rows(np.asarray(v, dtype=np.float32) - world_index.space.mean)):
        rows, said = place(vectors).astype(float), 3 * place(bio)[0].astype(float)
        whole = rows.sum(axis=0) + said
        strangers = place(world_index.post_vectors[others]) @ (whole / np.linalg.norm(whole))
        centre, spread = lower_null(strangers)
        rest = [whole - one for one in rows]
        parts.append((np.array([r @ one / np.linalg.norm(r) for r, one in zip(rest, rows, strict=True)]) - centre) / spread)
        null.append((strangers - centre) / spread)
    centre, spread = lower_null(np.mean(null, axis=0))
    np.testing.assert_allclose(found.nearness, (np.mean(parts, axis=0) - centre) / spread, atol=1e-3)
