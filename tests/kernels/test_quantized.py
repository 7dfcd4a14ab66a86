from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.errors import InvalidRequest
from tweetfocus.kernels.quantized import QuantizedRows, quantize
from tweetfocus.kernels.similarity import unit_rows


def _away(vectors: npt.NDArray[np.floating], quantized: QuantizedRows) -> npt.NDArray[np.float64]:
    return np.linalg.norm(vectors - quantized.codes * quantized.scales[:, None].astype(np.float64), axis=1)


@given(st.integers(0, 10_000), st.integers(0, 60), st.integers(1, 50), st.sampled_from([np.float16, np.float32]))
@settings(max_examples=60, deadline=None)
def test_no_row_is_further_away_than_is_said(seed: int, n: int, d: int, kind: type[np.floating]) -> None:
    rng = np.random.default_rng(seed)
    vectors = unit_rows(rng.standard_normal((n, d)) * 10.0 ** rng.integers(-3, 1, d)).astype(kind)
    vectors[rng.random(n) < 0.2] = 0
    quantized = quantize(vectors)
    assert (_away(vectors, quantized) <= quantized.residual * quantized.scales).all()
    assert quantized.residual <= np.sqrt(d) / 2 * 1.001
    assert np.abs(quantized.codes.astype(int)).max(axis=1).tolist() == np.where(vectors.any(axis=1), 127, 0).tolist()


def test_numbers_too_small_for_a_scale_are_no_trouble() -> None:
    vectors = np.float32([[1e-42, 0], [0, 0], [0, 1]])
    quantized = quantize(vectors)
    assert (_away(vectors, quantized) <= quantized.residual * quantized.scales).all()
    assert quantized.codes[2].tolist() == [0, 127]


def test_a_row_is_quantized_the_same_whatever_stands_beside_it() -> None:
    vectors = unit_rows(np.random.default_rng(3).standard_normal((50, 20)))
    whole = quantize(vectors)
    alone = [quantize(vectors[[row]]) for row in range(50)]
    assert np.concatenate([one.codes for one in alone]).tolist() == whole.codes.tolist()
    assert np.concatenate([one.scales for one in alone]).tolist() == whole.scales.tolist()
    assert max(one.residual for one in alone) == whole.residual
    part = whole.part(10, 25)
    assert len(part) == 15
    assert part.codes.tolist() == whole.codes[10:25].tolist()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([np.nan, 0], "row 1 has length nan"),
        ([np.inf, 0], "row 1 has length inf"),
        ([3, 4], "row 1 has length 5"),
        ([3e38, 3e38], "row 1 has length 4.24e"),
    ],
)
def test_rows_that_are_no_unit_vectors_are_refused(row: list[float], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        quantize(np.float32([[0, 1], row]))


def test_a_single_vector_is_no_matrix() -> None:
    with pytest.raises(InvalidRequest, match="must be a matrix"):
        quantize(np.float32([0, 1]))
