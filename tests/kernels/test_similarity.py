from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.errors import InvalidRequest
from tweetfocus.kernels import similarity
from tweetfocus.kernels.similarity import best_per_group, merge_top_k, row_products, top_k, unit_rows

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


def _small_integers(seed: int, n: int, d: int = 3) -> Floats:
    """Vectors whose products are exact and often equal."""
    return np.random.default_rng(seed).integers(-1, 2, (n, d)).astype(np.float32)


def _brute(query: Floats, vectors: Floats, k: int, rows: Rows | None = None) -> tuple[list[float], list[int]]:
    """Sort all allowed rows by score downwards; the stable sort leaves equal scores in row order."""
    rows = np.arange(len(vectors)) if rows is None else rows
    scores = (vectors[rows].astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    order = np.argsort(-scores, kind="stable")[:k]
    return scores[order].tolist(), rows[order].tolist()


@given(st.integers(0, 10_000), st.integers(0, 40), st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_top_k_is_the_head_of_a_stable_sort_of_all_scores(seed: int, n: int, k: int) -> None:
    vectors, queries = _small_integers(seed, n), _small_integers(seed + 1, 4)
    scores, rows = top_k(queries, vectors, k)
    assert rows.shape == scores.shape == (4, min(k, n))
    for query, found_scores, found in zip(queries, scores, rows, strict=True):
        assert (found_scores.tolist(), found.tolist()) == _brute(query, vectors, k)


def test_ties_go_to_the_lower_row() -> None:
    vectors = np.ones((100, 2), np.float32)
    assert top_k([1, 1], vectors, 5)[1].tolist() == [0, 1, 2, 3, 4]
    vectors[60] *= 2
    assert top_k([1, 1], vectors, 3)[1].tolist() == [60, 0, 1]


@given(st.integers(0, 10_000), st.lists(st.booleans(), min_size=1, max_size=40), st.integers(1, 45))
@settings(max_examples=60, deadline=None)
def test_only_allowed_rows_are_returned(seed: int, mask: list[bool], k: int) -> None:
    allowed = np.array(mask)
    vectors, query = _small_integers(seed, len(allowed)), _small_integers(seed + 1, 1)[0]
    scores, rows = top_k(query, vectors, k, allowed=allowed)
    assert (scores.tolist(), rows.tolist()) == _brute(query, vectors, k, np.flatnonzero(allowed))


@given(st.integers(0, 10_000), st.integers(0, 40), st.integers(1, 12), st.integers(1, 45), st.booleans())
@settings(max_examples=60, deadline=None)
def test_block_size_does_not_change_the_answer(seed: int, n: int, block: int, k: int, masked: bool) -> None:
    vectors, queries = _small_integers(seed, n), _small_integers(seed + 1, 3)
    allowed = np.random.default_rng(seed).random(n) < 0.5 if masked else None
    whole = top_k(queries, vectors, k, allowed=allowed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "_BLOCK", block)
        in_blocks = top_k(queries, vectors, k, allowed=allowed)
    assert in_blocks[0].tolist() == whole[0].tolist()
    assert in_blocks[1].tolist() == whole[1].tolist()


@given(st.integers(0, 10_000), st.lists(st.integers(1, 40), max_size=4), st.integers(1, 45))
@settings(max_examples=60, deadline=None)
def test_merged_shards_answer_like_the_whole(seed: int, cuts: list[int], k: int) -> None:
    vectors, queries = _small_integers(seed, 40), _small_integers(seed + 1, 3)
    bounds = sorted({0, *cuts, 40})
    parts = []
    for start, stop in itertools.pairwise(bounds):
        scores, rows = top_k(queries, vectors[start:stop], k)
        parts.append((scores, rows + start))
    merged, whole = merge_top_k(parts[::-1], k), top_k(queries, vectors, k)
    assert merged[0].tolist() == whole[0].tolist()
    assert merged[1].tolist() == whole[1].tolist()


def test_a_single_query_has_no_first_axis_and_a_batch_answers_like_single_ones() -> None:
    vectors, queries = _small_integers(3, 30), _small_integers(4, 5)
    batch_scores, batch_rows = top_k(queries, vectors, 7)
    for query, scores, rows in zip(queries, batch_scores, batch_rows, strict=True):
        single_scores, single_rows = top_k(query, vectors, 7)
        assert single_rows.shape == (7,)
        assert single_rows.tolist() == rows.tolist()
        assert single_scores.tolist() == scores.tolist()


def test_nothing_to_search_or_to_ask_gives_empty_answers() -> None:
    vectors = np.eye(3, dtype=np.float32)
    assert top_k(np.zeros((0, 3)), vectors, 2)[1].shape == (0, 2)
    assert top_k(np.zeros((2, 3)), np.zeros((0, 3), np.float32), 2)[1].shape == (2, 0)
    assert top_k(np.zeros(3), vectors, 2, allowed=np.zeros(3, bool))[1].shape == (0,)


@pytest.mark.parametrize(
    ("query", "k", "allowed", "message"),
    [
        ([1, 0, 0], 0, None, "k must be at least 1, not 0"),
        ([1, 0], 1, None, "queries of 2 dimensions"),
        ([1, 0, 0], 1, np.ones(2, bool), "allowed has shape"),
    ],
)
def test_requests_that_do_not_fit_are_refused(
    query: list[int], k: int, allowed: npt.NDArray[np.bool_] | None, message: str
) -> None:
    with pytest.raises(InvalidRequest, match=message):
        top_k(query, np.eye(3, dtype=np.float32), k, allowed=allowed)


@pytest.mark.parametrize("d", [1, 3, 8, 17, 100, 384, 1023])
def test_a_row_product_does_not_depend_on_the_rows_beside_it(d: int) -> None:
    rng = np.random.default_rng(d)
    vectors, query = rng.standard_normal((57, d)).astype(np.float32), rng.standard_normal(d).astype(np.float32)
    whole = row_products(vectors, query)
    np.testing.assert_allclose(whole, vectors.astype(np.float64) @ query.astype(np.float64), atol=1e-4)
    for rows in (np.array([3]), np.array([40, 3]), np.arange(5, 50), rng.permutation(57)):
        assert row_products(vectors[rows], query).tolist() == whole[rows].tolist()
    for view in (slice(1, None), slice(0, 1), slice(None, None, 2)):
        assert row_products(vectors[view], query).tolist() == whole[view].tolist()
    assert row_products(np.asfortranarray(vectors), query).tolist() == whole.tolist()


@given(st.lists(st.lists(st.integers(-5, 5), max_size=4), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_best_per_group_is_the_maximum_of_each_group(groups: list[list[int]]) -> None:
    values = np.array([value for group in groups for value in group], np.float32)
    offsets = np.cumsum([0, *map(len, groups)])
    assert best_per_group(values, offsets, empty=-99).tolist() == [max(group, default=-99) for group in groups]


def test_best_per_group_looks_at_nothing_after_the_last_group() -> None:
    assert best_per_group(np.float32([1, 5, 9]), np.int64([0, 2])).tolist() == [5]
    assert np.isnan(best_per_group(np.float32([]), np.int64([0, 0]))).all()


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_unit_rows_have_length_one_and_keep_their_direction(seed: int) -> None:
    vectors = np.random.default_rng(seed).standard_normal((6, 5)) * 10.0 ** np.arange(-3, 3)[:, None]
    vectors[2] = 0
    unit = unit_rows(vectors)
    assert unit.dtype == np.float32
    assert unit[2].tolist() == [0] * 5
    lengths = np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(unit * lengths[:, None], vectors, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(np.delete(unit, 2, axis=0), axis=1), 1, rtol=1e-6)
