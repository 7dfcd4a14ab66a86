from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors

from tweetfocus.kernels import layout
from tweetfocus.kernels.layout import dense_groups, flat_layout


def _clouds(sizes: list[int], seed: int = 0, noise: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows round the axes of a space of twelve dimensions, in mixed order, and which axis each lies round."""
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    rows = np.eye(12)[truth] + rng.normal(0, noise, (len(truth), 12))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), truth


def test_neighbours_stay_neighbours() -> None:
    rows, truth = _clouds([40, 30, 50, 25])
    places = flat_layout(rows)
    nearest = NearestNeighbors(n_neighbors=6).fit(places).kneighbors(places)[1][:, 1:]
    assert (truth[nearest] == truth[:, None]).mean() > 0.99


def test_the_same_vectors_get_the_same_places_to_the_last_bit() -> None:
    rows, _ = _clouds([30, 30])
    assert flat_layout(rows).tobytes() == flat_layout(rows.copy()).tobytes()


def test_places_fill_the_square() -> None:
    places = flat_layout(_clouds([30, 20])[0])
    assert np.abs(places).max() == pytest.approx(1)
    assert places.max(axis=0) == pytest.approx(-places.min(axis=0))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 15), st.integers(1, 4), st.integers(0, 9))
def test_any_handful_of_vectors_has_a_layout(n: int, d: int, seed: int) -> None:
    rows = np.random.default_rng(seed).integers(0, 3, (n, d)).astype(float)  # with ties, and often flat
    places = flat_layout(rows)
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    assert np.abs(places).max(initial=0) <= 1 + 1e-9


def test_few_points_are_laid_out_by_their_widest_directions() -> None:
    places = flat_layout(np.array([[0.0, 0, 5], [1, 0, 5], [4, 0, 5]]))
    assert np.abs(places[:, 0] - places[0, 0]).tolist() == pytest.approx([0, 0.5, 2])
    assert places[:, 1] == pytest.approx(0)


def test_beyond_the_landmarks_points_lie_among_their_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_LANDMARKS", 60)
    rows, truth = _clouds([100, 80, 60], noise=0.05)
    places = flat_layout(rows)
    nearest = NearestNeighbors(n_neighbors=6).fit(places).kneighbors(places)[1][:, 1:]
    assert (truth[nearest] == truth[:, None]).mean() > 0.98


def test_groups_are_found_and_numbered_by_size() -> None:
    rng = np.random.default_rng(1)
    middles = np.array([[0, 0], [10, 0], [0, 10]])
    truth = np.repeat([0, 1, 2], [60, 40, 20])
    places = middles[truth] + rng.normal(0, 0.3, (120, 2))
    lonely = np.array([[30.0, 30.0], [-30.0, 20.0]])
    order = rng.permutation(122)
    found = dense_groups(np.concatenate([places, lonely])[order], fewest=15)
    assert found[order >= 120].tolist() == [-1, -1]
    kept = found >= 0
    assert adjusted_rand_score(truth[order[kept]], found[kept]) == pytest.approx(1)
    assert sorted(np.bincount(found[kept]).tolist(), reverse=True) == np.bincount(found[kept]).tolist()


def test_too_few_points_are_no_groups() -> None:
    assert dense_groups(np.zeros((9, 2)), fewest=5).tolist() == [-1] * 9
    assert dense_groups(np.zeros((0, 2)), fewest=5).tolist() == []
