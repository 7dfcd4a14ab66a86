from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.kernels import rounded as module
from tweetfocus.kernels.int8_products import by_numkong, by_numpy
from tweetfocus.kernels.quantized import quantize
from tweetfocus.kernels.rounded import rounded_products, sharpen
from tweetfocus.kernels.similarity import row_products, unit_rows

Floats = npt.NDArray[np.float32]


@pytest.fixture(params=["numkong", "numpy"])
def products(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    maker = {"numkong": (by_numkong, True), "numpy": (by_numpy, False)}[request.param]
    monkeypatch.setattr(module, "fastest", lambda: maker)
    return str(request.param)


def _rows(n: int, d: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    vectors = unit_rows(rng.standard_normal((n, d)) * 10.0 ** rng.integers(-2, 1, d))
    vectors[rng.random(n) < 0.1] = 0
    return vectors


@given(st.integers(0, 1000), st.integers(0, 80), st.sampled_from([1, 3, 48, 200]), st.integers(0, 5), st.floats(1e-3, 1e3))
@settings(max_examples=60, deadline=None)
def test_none_is_further_off_than_is_said(seed: int, n: int, d: int, k: int, length: float) -> None:
    vectors, rng = _rows(n, d, seed), np.random.default_rng(seed + 1)
    queries = rng.standard_normal((k, d)) * length
    rows = quantize(vectors)
    found = rounded_products(queries, rows)
    exact = queries @ vectors.T.astype(np.float64)
    reach = np.linalg.norm(queries, axis=1)[:, None]
    assert found.shape == (k, n)
    assert (np.abs(found - exact) <= reach * (rows.residual * rows.scales + 1e-4) + 1e-6).all()


def test_the_typical_error_is_far_smaller(products: str) -> None:
    vectors = _rows(4_000, 384, 3)
    query = _rows(1, 384, 4)
    rows = quantize(vectors)
    off = np.abs(rounded_products(query, rows)[0] - vectors @ query[0])
    assert np.sqrt((off**2).mean()) < rows.residual * rows.scales.mean() / 10


def test_both_ways_to_multiply_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, queries = quantize(_rows(3_000, 96, 5)), _rows(3, 96, 6)
    found = []
    for maker in ((by_numkong, True), (by_numpy, False)):
        monkeypatch.setattr(module, "fastest", lambda maker=maker: maker)
        found.append(rounded_products(queries, rows))
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_and_blocks_change_nothing(products: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, queries = quantize(_rows(2_000, 48, 7)), _rows(2, 48, 8)
    whole = rounded_products(queries, rows, threads=1)
    monkeypatch.setattr(module, "_CELLS", 600)
    np.testing.assert_array_equal(rounded_products(queries, rows, threads=threads), whole)


def test_equal_rows_have_equal_products(products: str) -> None:
    vectors = np.repeat(_rows(7, 48, 9), 1_001, axis=0)
    found = rounded_products(_rows(2, 48, 10), quantize(vectors), threads=2)
    assert (found.reshape(2, 7, -1) == found.reshape(2, 7, -1)[:, :, :1]).all()


def test_no_query_no_row_and_no_number() -> None:
    assert rounded_products(np.zeros((0, 4)), quantize(np.eye(4, dtype=np.float32))).shape == (0, 4)
    assert rounded_products(np.ones((2, 4)), quantize(np.zeros((0, 4), np.float32))).shape == (2, 0)
    assert rounded_products(np.ones((2, 0)), quantize(np.zeros((3, 0), np.float32))).tolist() == [[0.0] * 3] * 2
    assert rounded_products(np.zeros((1, 4)), quantize(np.eye(4, dtype=np.float32))).tolist() == [[0.0] * 4]


@given(st.integers(0, 1000), st.integers(1, 60), st.integers(1, 30))
def test_the_largest_become_exact_and_the_others_stay(seed: int, n: int, best: int) -> None:
    vectors, query = _rows(n, 8, seed), _rows(1, 8, seed + 1)[0]
    rough = rounded_products(query[None], quantize(vectors))[0]
    exact = row_products(vectors, query)
    found = rough.copy()
    sharpen(found, best, lambda rows: exact[rows])
    order = np.lexsort((np.arange(n), -rough))
    top = order[: min(best, int((rough > 0).sum()))]
    assert (found[top] == exact[top]).all()
    changed = np.flatnonzero(found != rough)
    assert len(top) == 0 or (rough[changed] >= rough[top].min()).all()


def test_where_very_many_tie_with_the_last_none_of_them_is_touched() -> None:
    products = np.float32([0.9, *[0.5] * 50])
    sharpen(products, 2, lambda rows: np.full(len(rows), 0.7, np.float32))
    assert products.tolist() == np.float32([0.7, *[0.5] * 50]).tolist()


def test_a_few_that_tie_with_the_last_are_all_made_exact() -> None:
    products = np.float32([0.9, 0.5, 0.5, 0.1])
    sharpen(products, 2, lambda rows: np.full(len(rows), 0.7, np.float32))
    assert products.tolist() == np.float32([0.7, 0.7, 0.7, 0.1]).tolist()
