from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.kernels.selection import distinct, largest


def _by_sorting(values: npt.NDArray[np.floating], k: int) -> list[int]:
    positive = [(-float(value), row) for row, value in enumerate(values) if value > 0]
    return [row for _, row in sorted(positive)[:k]]


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.25, 0.5, 3.0, float("nan"), float("inf")]), max_size=40), st.integers(0, 45))
@settings(max_examples=150, deadline=None)
def test_the_largest_are_those_of_a_sort(values: list[float], k: int) -> None:
    assert largest(np.array(values), k).tolist() == _by_sorting(np.array(values), k)


@pytest.mark.parametrize("k", [1, 7, 500, 4_000, 19_999])
@pytest.mark.parametrize("kind", ["smooth", "many ties", "one in a hundred", "rising", "those looked at first are large"])
def test_a_sample_never_hides_any(kind: str, k: int) -> None:
    rng = np.random.default_rng(3)
    values = rng.random(20_000).astype(np.float32)
    if kind == "many ties":
        values = np.round(values, 2)
    elif kind == "one in a hundred":
        values[rng.random(20_000) > 0.01] = 0
    elif kind == "rising":
        values = np.sort(values)
    elif kind == "those looked at first are large":
        values[::61] += 1
    values[rng.choice(20_000, 50)] = np.nan
    assert largest(values, k).tolist() == _by_sorting(values, k)


@given(st.lists(st.integers(-50, 50)), st.sampled_from([np.int32, np.int64]))
def test_each_once_as_a_set_has_them(values: list[int], kind: type[np.signedinteger]) -> None:
    found = distinct(np.array(values, dtype=kind))
    assert found.tolist() == sorted(set(values))
    assert found.dtype == kind
