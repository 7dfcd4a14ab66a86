"""Rounded products beside exact ones, in an index that is small enough to have both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.index import products
from tweetfocus.index import rounded as rounding
from tweetfocus.index.products import ExactProducts, RoundedProducts
from tweetfocus.index.rounded import RoundedVoices, round_rows
from tweetfocus.index.voices import Voices
from tweetfocus.ranking.evidence import KINDS, Evidence
from tweetfocus.ranking.query import make_query

CLOSE = 0.015  # of the largest product: what 8 bits may change here


@pytest.fixture(scope="module")
def exact() -> tf.AccountIndex:
    return tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(128), cache=False)


@pytest.fixture(scope="module")
def rounded(exact: tf.AccountIndex) -> tf.AccountIndex:
    rows = round_rows(exact.facets, exact.bio_vectors, exact.post_offsets, exact.words, exact.follow_space)
    return replace(exact, rounded=rows)


def test_which_products_an_index_has(exact: tf.AccountIndex, rounded: tf.AccountIndex) -> None:
    assert isinstance(exact.products, ExactProducts)
    assert isinstance(rounded.products, RoundedProducts)


def test_they_are_close_and_the_largest_exact(
    exact: tf.AccountIndex, rounded: tf.AccountIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "_SHARP", 3)
    query = make_query(exact, "@mara_lindqvist")
    place = np.random.default_rng(0).standard_normal((2, exact.follow_space.items.shape[1]))
    one, other = exact.products, rounded.products
    near, rough = one.facets(query.facets), other.facets(query.facets)
    pairs = {
        "facets": (near, rough),
        "bios": (one.bios(query.facets, near), other.bios(query.facets, rough)),
        "items": (one.items(place), other.items(place)),
        "spoken": (one.spoken(place), other.spoken(place)),
    }
    for name, (wanted, found) in pairs.items():
        assert found.shape == wanted.shape, name
        assert 0 < np.abs(found - wanted).max() < CLOSE * np.abs(wanted).max(), name
        best = wanted.argmax(axis=1)
        np.testing.assert_allclose(found[range(len(found)), best], wanted.max(axis=1), rtol=1e-3, err_msg=name)


def test_words_are_the_same(exact: tf.AccountIndex, rounded: tf.AccountIndex) -> None:
    terms = make_query(exact, "@mara_lindqvist").terms
    np.testing.assert_allclose(rounded.products.words(terms), exact.products.words(terms), atol=1e-6)
    assert not rounded.products.words(terms * 0).any()


def test_bios_of_those_who_post_and_of_those_who_do_not(exact: tf.AccountIndex, rounded: tf.AccountIndex) -> None:
    assert rounded.rounded is not None
    silent = exact.has_bio & (np.diff(exact.post_offsets) == 0)
    assert len(rounded.rounded.bio_rows) == (exact.has_bio & ~silent).sum() > 10
    query = make_query(exact, "@mara_lindqvist").facets
    near = rounded.products.bios(query, rounded.products.facets(query))
    assert (near[:, ~exact.has_bio] == 0).all()


def test_voices_are_close(exact: tf.AccountIndex, rounded: tf.AccountIndex) -> None:
    one, other = exact.products.voices, rounded.products.voices
    assert (type(one), type(other)) == (Voices, RoundedVoices)
    rng = np.random.default_rng(1)
    direction = rng.standard_normal(128 + exact.follow_space.terms.shape[1])
    values = np.where(rng.random(len(exact)) < 0.3, rng.random(len(exact)), 0.0)
    np.testing.assert_allclose(
        other.products(direction), one.products(direction), atol=0.05 * np.abs(one.products(direction)).max()
    )
    np.testing.assert_allclose(other.totals(values), one.totals(values), atol=0.01 * np.abs(one.totals(values)).max())


@pytest.mark.parametrize("who", ["@mara_lindqvist", "@me"])
def test_evidence_says_nearly_the_same(exact: tf.AccountIndex, rounded: tf.AccountIndex, who: str) -> None:
    one, other = (Evidence(index, make_query(index, who)) for index in (exact, rounded))
    for kind in KINDS:
        wanted, found = getattr(one, kind), getattr(other, kind)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted), err_msg=kind)
        np.testing.assert_allclose(found, wanted, atol=0.02 * max(np.nanmax(wanted), 1e-9), err_msg=kind)


def test_recommendations_are_nearly_the_same(exact: tf.AccountIndex, rounded: tf.AccountIndex) -> None:
    one, other = (tf.recommend(index, "@mara_lindqvist", n=40) for index in (exact, rounded))
    scores = {rec.account_id: rec.score for rec in one}
    assert len(scores.keys() & {rec.account_id for rec in other}) >= 38
    assert max(abs(rec.score - scores[rec.account_id]) for rec in other if rec.account_id in scores) < 0.1


def test_twins_stay_twins() -> None:
    people = [tf.Account(account_id=f"{i:03}", bio=f"heat pumps {i % 5}") for i in range(60)]
    index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(64), cache=False)
    rows = round_rows(index.facets, index.bio_vectors, index.post_offsets, index.words, index.follow_space)
    facets = Evidence(replace(index, rounded=rows), make_query(index, "000")).facets
    assert len(np.unique(facets[np.arange(60) % 5 == 1])) == 1


class TestLargeIndexes:
    """With the limit put low: what is kept on disk, and what is worked out anew."""

    @pytest.fixture(autouse=True)
    def _low(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rounding, "_LARGE", 10)

    @pytest.fixture
    def built(self) -> tf.AccountIndex:
        return tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(64), cache=False)

    def test_an_opened_one_answers_as_the_built_one_does(self, built: tf.AccountIndex, tmp_path: Path) -> None:
        built.save(tmp_path / "people.index")
        opened = tf.AccountIndex.open(tmp_path / "people.index")
        assert opened.rounded is not None
        assert opened.trusted_graph is not None
        assert built.signals.spammers.any()  # so that two graphs are kept
        np.testing.assert_array_equal(opened.trusted.out_indices, built.trusted.out_indices)
        one, other = (tf.recommend(index, "@mara_lindqvist") for index in (built, opened))
        assert [(rec.account_id, rec.score) for rec in one] == [(rec.account_id, rec.score) for rec in other]
        opened.save(tmp_path / "again.index")
        files = [sorted(folder.rglob("*.npy")) for folder in (tmp_path / "people.index", tmp_path / "again.index")]
        assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]

    def test_without_spammers_one_graph_is_kept(self, tmp_path: Path) -> None:
        people = [tf.Account(account_id=f"{i:02}", bio="heat pumps") for i in range(20)]
        follows = [tf.Follow(source_id=f"{i:02}", target_id=f"{(7 * i + 1) % 20:02}") for i in range(20)]
        index = tf.AccountIndex.build(
            tf.Dataset.from_records(people, follows=follows), encoder=tf.HashingEncoder(32), cache=False
        )
        index.save(tmp_path)
        assert {path.name for path in tmp_path.rglob("trusted.*")} == set()
        opened = tf.AccountIndex.open(tmp_path)
        assert opened.trusted is opened.graph
        assert opened.graph.both_indptr is not None

    @pytest.mark.parametrize("bio", ["heat pumps", None])
    def test_nobody_follows_anybody(self, bio: str | None, tmp_path: Path) -> None:
        people = [tf.Account(account_id=f"{i:02}", bio=bio) for i in range(12)]
        index = tf.AccountIndex.build(tf.Dataset.from_records(people), encoder=tf.HashingEncoder(32), cache=False)
        assert index.rounded is not None
        index.save(tmp_path)
        for one in (index, tf.AccountIndex.open(tmp_path)):
            assert len(tf.recommend(one, "00")) == (11 if bio else 0)

    def test_other_follows_are_worked_out_anew(self, built: tf.AccountIndex, tmp_path: Path) -> None:
        built.save(tmp_path)
        opened = tf.AccountIndex.open(tmp_path)
        data = replace(built.data, follows=built.data.follows.slice(0, 300))
        again = tf.AccountIndex.build(data, encoder=tf.HashingEncoder(64), cache=False)
        other = opened.with_follows(data)
        assert other.rounded is not None
        assert again.rounded is not None
        np.testing.assert_array_equal(other.rounded.item_codes, again.rounded.item_codes)
        np.testing.assert_array_equal(other.trusted.out_indices, again.trusted.out_indices)
