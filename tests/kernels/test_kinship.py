from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array

from tweetfocus.kernels.kinship import Surroundings, kindred_nearby
from tweetfocus.kernels.neighbours import kindred

Floats = npt.NDArray[np.float64]


def _around(n: int, seed: int, own: bool) -> tuple[Surroundings, Floats]:
    """Surroundings, and the same as a dense matrix of unit rows."""
    rng = np.random.default_rng(seed)
    pattern = (rng.random((n, n)) < 0.1).astype(np.float64)
    np.fill_diagonal(pattern, 0)
    weights = rng.random(n) + 0.1
    dense = (pattern + (np.eye(n) if own else 0)) * weights
    length = np.linalg.norm(dense, axis=1, keepdims=True)
    lines = csr_array(pattern)
    return Surroundings.of(lines, lines.T.tocsr(), weights, own=own), dense / np.where(length > 0, length, 1)


def _whole(few: tuple[npt.NDArray[np.int64], Floats], n: int) -> Floats:
    rows, values = few
    assert rows.tolist() == sorted(set(rows.tolist()))
    found = np.zeros(n)
    found[rows] = values
    return found


def _mask(rows: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.bool_]:
    return np.isin(np.arange(n), rows)


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_cosines_and_rows_agree_with_the_dense_matrix(seed: int, own: bool) -> None:
    around, dense = _around(40, seed, own)
    for row in range(40):
        np.testing.assert_allclose(_whole(around.row(row), 40), dense[row], atol=1e-12)
        np.testing.assert_allclose(_whole(around.cosines(*around.row(row)), 40), dense @ dense[row], atol=1e-12)


@pytest.mark.parametrize("own", [False, True])
def test_with_room_for_everybody_it_is_the_whole_regression(own: bool) -> None:
    around, dense = _around(60, 4, own)
    people = np.flatnonzero(around.lines.sum(axis=1) >= 2)
    rows, weights = kindred_nearby(around, around.row(0), _mask(people, 60), nearest=60)
    assert rows.tolist() == people.tolist()
    expected = np.linalg.solve(dense[people] @ dense[people].T + 3 * np.eye(len(people)), dense[people] @ dense[0])
    np.testing.assert_allclose(weights, expected, atol=1e-5)


@pytest.mark.parametrize("own", [False, True])
def test_with_room_for_some_it_is_the_regression_over_the_nearest(own: bool) -> None:
    around, dense = _around(60, 5, own)
    people = np.arange(5, 60)
    rows, weights = kindred_nearby(around, around.row(0), _mask(people, 60), nearest=12)
    cosines = dense[people] @ dense[0]
    nearest = sorted(sorted(range(len(people)), key=lambda place: (-round(cosines[place], 12), place))[:12])
    assert rows.tolist() == people[[place for place in nearest if cosines[place] > 0]].tolist()
    np.testing.assert_allclose(weights, kindred(csr_array(dense[rows]), dense[0]), atol=1e-8)


def test_nobody_near_is_nobody() -> None:
    around, _ = _around(30, 6, own=False)
    rows, weights = kindred_nearby(around, (np.zeros(0, np.int64), np.zeros(0)), np.ones(30, dtype=bool), nearest=5)
    assert rows.tolist() == weights.tolist() == []
