from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from tweetfocus.kernels import lines as module
from tweetfocus.kernels.lines import Lines, spans
from tweetfocus.kernels.neighbours import co_follow, reach
from tweetfocus.kernels.walks import local_pagerank, salsa


def _both(n: int, seed: int, density: float = 0.2) -> tuple[Lines, csr_array]:
    pattern = csr_array((np.random.default_rng(seed).random((n, n)) < density).astype(np.float64))
    return Lines(pattern.indptr.astype(np.int64), pattern.indices.astype(np.int32)), pattern


@given(st.integers(0, 40), st.integers(0, 1000), st.sampled_from([0.0, 0.1, 0.6]), st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_they_multiply_as_the_matrix_does(n: int, seed: int, density: float, block: int) -> None:
    lines, matrix = _both(n, seed, density)
    values = np.random.default_rng(seed + 1).standard_normal(n)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_BLOCK", block)  # lines longer than a block too
        np.testing.assert_array_equal(lines @ values, matrix @ values)


@given(st.integers(1, 30), st.integers(0, 1000), st.lists(st.integers(0, 10_000), max_size=8))
def test_some_lines_are_those_of_the_matrix(n: int, seed: int, chosen: list[int]) -> None:
    lines, matrix = _both(n, seed)
    rows = np.array(chosen, dtype=np.int64) % n
    np.testing.assert_array_equal(lines[rows].toarray(), matrix.toarray()[rows])
    assert lines.shape == matrix.shape


def test_graph_kernels_take_either() -> None:
    lines, matrix = _both(30, 5)
    turned = matrix.T.tocsr()
    columns = Lines(turned.indptr.astype(np.int64), turned.indices.astype(np.int32))
    few = np.array([3]), np.array([0.5])
    np.testing.assert_array_equal(reach(lines, columns, *few), reach(matrix, turned, *few))
    np.testing.assert_array_equal(co_follow(lines, columns, [1, 2]), co_follow(matrix, turned, [1, 2]))
    for ours, theirs in zip(salsa(lines, [1, 2, 3]), salsa(matrix, [1, 2, 3]), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    both = matrix.maximum(turned)
    undirected = Lines(both.indptr.astype(np.int64), both.indices.astype(np.int32))
    np.testing.assert_array_equal(local_pagerank(undirected, [4]), local_pagerank(both, [4]))


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [([], [], []), ([7], [0], []), ([7, 0, 2], [2, 0, 1], [7, 8, 2])],
)
def test_spans_by_hand(start: list[int], length: list[int], expected: list[int]) -> None:
    found: npt.NDArray[np.int64] = spans(np.array(start, dtype=np.int64), np.array(length, dtype=np.int64))
    assert found.tolist() == expected
