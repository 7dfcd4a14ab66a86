from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tweetfocus as tf
from tweetfocus.kernels.similarity import unit_rows
from tweetfocus.ranking.own_posts import own_posts
from tweetfocus.ranking.profile import Agreement, same_word, weigh_bio
from tweetfocus.ranking.topics import find_topics


def _weighed(index: tf.AccountIndex, who: str) -> Agreement:
    row = index.data.row(who)
    topics = find_topics(index, row, own_posts(index, row))
    return weigh_bio(index, row, topics, [facet.words for facet in index.fields_of(who)])


def test_agreement_is_a_rank_among_the_other_bios(world_index: tf.AccountIndex) -> None:
    who = "@ola_streams"
    row = world_index.data.row(who)
    topics = find_topics(world_index, row, own_posts(world_index, row))
    own = np.asarray(world_index.post_vectors[slice(*world_index.post_offsets[row : row + 2])], dtype=np.float32)
    centre = unit_rows(unit_rows(own - world_index.space.mean)[~topics.off].sum(axis=0, keepdims=True))[0]
    nearness = unit_rows(world_index.bio_vectors - world_index.space.mean) @ centre
    others = world_index.has_bio.copy()
    others[row] = False
    assert _weighed(world_index, who).agreement == pytest.approx(np.mean(nearness[others] < nearness[row]))


def test_most_bios_of_the_world_fit_their_posts(world_index: tf.AccountIndex, truth: dict[str, dict[str, str]]) -> None:
    found = [
        _weighed(world_index, account_id).agreement
        for account_id, record in truth.items()
        if record["role"] == "professional" and world_index.has_bio[world_index.data.row(account_id)]
    ]
    assert np.median([fit for fit in found if fit is not None]) > 0.9


def test_hidden_words_are_those_that_the_bio_lacks_in_any_form(hashed_world_index: tf.AccountIndex) -> None:
    row = hashed_world_index.data.row("@mara_lindqvist")  # her bio: ... load forecasts and substations by afternoon
    topics = find_topics(hashed_world_index, row, own_posts(hashed_world_index, row))
    found = weigh_bio(hashed_world_index, row, topics, [("forecast", "substation", "heat pumps"), ("dbt", "lag")])
    assert found.hidden == (("heat pumps",), ("lag",))
    assert found.hides == (False, False)


def test_no_bio_hides_every_field() -> None:
    posts = [tf.Post(account_id="1", post_id=str(n), text=f"Heat pumps on feeder {n} of many") for n in range(8)]
    index = tf.AccountIndex.build(tf.Dataset.from_records(posts=posts), encoder=tf.HashingEncoder(), cache=False)
    topics = find_topics(index, 0, own_posts(index, 0))
    assert weigh_bio(index, 0, topics, [("heat pumps",)]) == Agreement(None, (), (), (("heat pumps",),), (True,))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("grid", "grids", True),
        ("forecasts", "forecasting", True),
        ("nurse", "nursing", False),
        ("bus", "business", False),
        ("energy", "energetic", False),
        ("boss", "bosses", True),
        ("sql", "sqlite", False),
    ],
)
def test_forms_of_a_word(one: str, other: str, same: bool) -> None:
    assert same_word(one, other) is same


@given(st.text(max_size=12), st.text(max_size=12))
def test_sameness_goes_both_ways(one: str, other: str) -> None:
    assert same_word(one, one)
    assert same_word(one, other) == same_word(other, one)
