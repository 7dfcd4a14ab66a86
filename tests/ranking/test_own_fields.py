from __future__ import annotations

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.ranking import own_fields as module
from tweetfocus.ranking.own_fields import own_fields, sample_texts

HERO = "@mara_lindqvist"


def test_of_few_posts_it_is_what_the_index_says(world_index: tf.AccountIndex) -> None:
    row = world_index.data.row(HERO)
    assert own_fields(world_index, row) == world_index.fields_of(HERO)
    chosen, texts = sample_texts(world_index, row)
    assert chosen.tolist() == list(range(60))
    assert texts == world_index.post_texts(row)


def test_of_many_posts_an_even_sample_speaks(world_index: tf.AccountIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 30)
    row = world_index.data.row(HERO)
    chosen, texts = sample_texts(world_index, row)
    assert len(texts) == 30
    assert chosen[[0, -1]].tolist() == [0, 59]
    assert np.diff(chosen).max() <= 3
    for sampled, whole in zip(own_fields(world_index, row), world_index.fields_of(HERO), strict=True):
        assert sampled.share == whole.share
        assert set(sampled.words) & set(whole.words)


def test_no_posts(hashed_world_index: tf.AccountIndex) -> None:
    index = hashed_world_index.add(tf.Dataset.from_records([tf.Account(account_id="1")]), cache=False, progress=False)
    assert sample_texts(index, index.data.row("1"))[1] == []
    assert own_fields(index, index.data.row("1")) == ()
