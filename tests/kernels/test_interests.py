from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from sklearn.cluster import KMeans

from tweetfocus.kernels.interests import concentration, find_facets, topic_space
from tweetfocus.kernels.similarity import unit_rows

Floats = npt.NDArray[np.float32]


def _planted(seed: int, sizes: list[int], d: int = 32, noise: float = 0.1) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Texts scattered round one random direction per field, in random order, and the field of each."""
    rng = np.random.default_rng(seed)
    fields = np.repeat(np.arange(len(sizes)), sizes)
    rng.shuffle(fields)
    directions = np.linalg.qr(rng.standard_normal((d, len(sizes))))[0].T
    return unit_rows(directions[fields] + noise * rng.standard_normal((len(fields), d))), fields


@given(st.integers(0, 10_000), st.integers(5, 20), st.floats(1.2, 3))
@settings(max_examples=40, deadline=None)
def test_two_planted_fields_are_found(seed: int, smaller: int, ratio: float) -> None:
    larger = int(smaller * ratio)
    vectors, fields = _planted(seed, [larger, smaller])
    facets = find_facets(vectors)
    assert facets.labels.tolist() == fields.tolist()  # the larger field first
    np.testing.assert_allclose(facets.share, np.array([larger, smaller]) / (larger + smaller), rtol=1e-6)
    for field, centre in enumerate(facets.centres):
        np.testing.assert_allclose(centre, unit_rows(vectors[fields == field].sum(axis=0)[None])[0], atol=1e-6)


@given(st.integers(0, 10_000), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_one_planted_field_stays_whole(seed: int, size: int) -> None:
    vectors, _ = _planted(seed, [size])
    facets = find_facets(vectors)
    assert facets.share.tolist() == [1]
    assert facets.labels.tolist() == [0] * size
    np.testing.assert_allclose(facets.centres, unit_rows(vectors.sum(axis=0)[None]), atol=1e-6)


@given(st.integers(0, 10_000), st.integers(5, 20), st.integers(5, 20), st.booleans())
@settings(max_examples=60, deadline=None)
def test_order_of_texts_does_not_change_the_facets(seed: int, one: int, other: int, weighted: bool) -> None:
    vectors, _ = _planted(seed, [one, other], noise=0.2)
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 4, len(vectors)).astype(np.float64) if weighted else np.ones(len(vectors))
    order = rng.permutation(len(vectors))
    facets, shuffled = find_facets(vectors, weights), find_facets(vectors[order], weights[order])
    assert shuffled.labels.tolist() == facets.labels[order].tolist()
    np.testing.assert_allclose(shuffled.centres, facets.centres, atol=1e-6)
    np.testing.assert_allclose(shuffled.share, facets.share, atol=1e-6)


def test_equal_shares_are_ordered_by_where_they_lie() -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), 6, axis=0)
    for order in (slice(None), slice(None, None, -1)):
        assert find_facets(vectors[order]).centres.tolist() == [[1, 0], [0, 1]]


def test_labels_agree_with_k_means_from_many_starts() -> None:
    vectors, _ = _planted(7, [22, 14], d=8, noise=0.25)
    labels = find_facets(vectors).labels
    expected = KMeans(2, n_init=50, random_state=0).fit(vectors).labels_
    assert labels.tolist() in (expected.tolist(), (1 - expected).tolist())


@pytest.mark.parametrize(
    ("sizes", "facets"),
    [([16, 4], 1), ([15, 5], 2), ([21, 5], 1), ([20, 5], 2), ([5, 4], 1), ([5, 5], 2)],
    ids=["four texts", "five texts", "less than a fifth", "a fifth", "nine texts in all", "ten texts in all"],
)
def test_a_second_facet_needs_five_texts_and_a_fifth_of_the_weight(sizes: list[int], facets: int) -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), sizes, axis=0)
    assert len(find_facets(vectors).share) == facets


def test_weights_decide_the_shares() -> None:
    vectors = np.repeat(np.eye(2, dtype=np.float32), [10, 10], axis=0)
    assert find_facets(vectors, np.repeat([1, 3], 10)).share.tolist() == [0.75, 0.25]
    assert find_facets(vectors, np.repeat([1, 3], 10)).centres.tolist() == [[0, 1], [1, 0]]
    assert find_facets(vectors, np.repeat([1, 9], 10)).share.tolist() == [1]
    assert find_facets(vectors, np.zeros(20)).share.tolist() == [1]


@pytest.mark.parametrize(("angle", "facets"), [(0.5, 1), (1.0, 1), (1.2, 2), (np.pi / 2, 2)])
def test_facets_that_are_too_alike_are_one(angle: float, facets: int) -> None:
    # texts within a facet are equal, across facets their cosine is cos(angle): two facets from cos(angle) = 0.45 downwards
    directions = np.array([[1, 0], [np.cos(angle), np.sin(angle)]], np.float32)
    assert len(find_facets(np.repeat(directions, 10, axis=0)).share) == facets


def _people(seed: int, people: int = 40, d: int = 12) -> tuple[Floats, npt.NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 8, people)
    sizes[:21] += 2
    own = np.repeat(rng.standard_normal((people, d)) * np.linspace(2, 0, d), sizes, axis=0)
    return unit_rows(own + rng.standard_normal((len(own), d))), np.concatenate([[0], np.cumsum(sizes)])


def _scatter(vectors: Floats, offsets: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Within- and between-person scatter of those who wrote twice, the first shrunk as `topic_space` says."""
    d = vectors.shape[1]
    groups = [vectors[a:b].astype(np.float64) for a, b in pairwise(offsets) if b - a >= 2]
    within = sum((group - group.mean(axis=0)).T @ (group - group.mean(axis=0)) for group in groups)
    within = within / sum(map(len, groups))
    middles = np.array([group.mean(axis=0) for group in groups]) - vectors.mean(axis=0, dtype=np.float64)
    return within + 0.5 * np.trace(within) / d * np.eye(d), middles.T @ middles


@pytest.mark.parametrize("seed", range(4))
def test_topic_space_solves_the_discriminant_problem(seed: int) -> None:
    vectors, offsets = _people(seed)
    space = topic_space(vectors, offsets, size=5)
    within, between = _scatter(vectors, offsets)
    strengths = eigh(between, within, eigvals_only=True)[::-1][:5]
    axes = space.axes.astype(np.float64)
    np.testing.assert_allclose(axes.T @ within @ axes, np.eye(5), atol=1e-4)
    np.testing.assert_allclose(axes.T @ between @ axes, np.diag(strengths), atol=1e-3 * strengths[0])
    np.testing.assert_allclose(space.mean, vectors.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_order_of_people_does_not_change_how_alike_texts_are_in_topic_space(seed: int) -> None:
    vectors, offsets = _people(seed)
    order = np.random.default_rng(seed).permutation(len(offsets) - 1)
    shuffled = np.concatenate([vectors[offsets[i] : offsets[i + 1]] for i in order])
    sizes = np.diff(offsets)[order]
    one = topic_space(vectors, offsets, size=5).place(vectors)
    other = topic_space(shuffled, np.concatenate([[0], np.cumsum(sizes)]), size=5).place(vectors)
    np.testing.assert_allclose(other @ other.T, one @ one.T, atol=1e-4)


def test_topic_space_places_texts_on_the_unit_sphere() -> None:
    vectors, offsets = _people(9)
    places = topic_space(vectors, offsets).place(vectors)
    assert places.shape == (len(vectors), 12)  # no more axes than dimensions
    np.testing.assert_allclose(np.linalg.norm(places, axis=1), 1, rtol=1e-5)


def test_topic_space_of_few_writers_only_centres() -> None:
    vectors, _ = _people(3)
    offsets = np.array([*range(0, 40, 2), len(vectors)])[:20]  # 19 people who wrote twice
    space = topic_space(vectors[:38], offsets)
    assert space.axes.tolist() == np.eye(12).tolist()
    np.testing.assert_allclose(space.mean, vectors[:38].mean(axis=0), atol=1e-6)


def test_topic_space_of_no_texts_is_the_whole_space() -> None:
    space = topic_space(np.zeros((0, 3), np.float32), np.zeros(5, np.int64))
    assert space.mean.tolist() == [0, 0, 0]
    assert space.axes.tolist() == np.eye(3).tolist()


@given(st.integers(0, 10_000), st.integers(2, 12))
@settings(max_examples=40, deadline=None)
def test_concentration_is_the_mean_cosine_over_all_pairs(seed: int, n: int) -> None:
    vectors = unit_rows(np.random.default_rng(seed).standard_normal((n, 4)) + 1)
    cosines = [float(a @ b) for a, b in combinations(vectors.astype(np.float64), 2)]
    assert concentration(vectors) == pytest.approx(np.mean(cosines), abs=1e-6)


@pytest.mark.parametrize("n", [0, 1])
def test_concentration_of_fewer_than_two_is_unknown(n: int) -> None:
    assert np.isnan(concentration(np.ones((n, 3), np.float32)))
