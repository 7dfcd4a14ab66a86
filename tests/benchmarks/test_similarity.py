from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.similarity import measure_one, real_vectors, resampled
from benchmarks.speed_tables import PAGE, speed_tables
from benchmarks.tables import fill
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.kernels.similarity import unit_rows


def test_every_table_of_the_page_is_that_of_the_results() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert fill(page, speed_tables()) == page
    assert [name for name in speed_tables() if f"<!-- {name} -->" not in page] == []


def test_made_vectors_spread_as_the_real_ones_do() -> None:
    real = unit_rows(np.random.default_rng(0).standard_normal((2000, 16)) * np.geomspace(1, 0.02, 16) + 0.1)
    made = resampled(real, 4000)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    spectra = [np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False)[:8] for vectors in (real, made)]
    shares = [spectrum**2 / (spectrum**2).sum() for spectrum in spectra]
    np.testing.assert_allclose(shares[1], shares[0], atol=0.03)


def test_vectors_of_a_cache_are_read(tmp_path: Path) -> None:
    cache = VectorCache(tmp_path / "vectors.sqlite")
    cache.put("hashing-2", ["chef", "nurse"], np.array([[0, 1], [0.6, 0.8]], np.float16))
    found = real_vectors(tmp_path / "vectors.sqlite")
    assert sorted(found.round(1).tolist()) == pytest.approx(np.array([[0.0, 1.0], [0.6, 0.8]]), abs=1e-6)


def test_all_methods_agree_before_they_are_timed() -> None:
    real = unit_rows(np.random.default_rng(1).standard_normal((300, 24)))
    figures = measure_one(real, n=1000, rounds=3)
    assert {"tweetfocus", "numpy", "scikit-learn, brute", "reading the int8 rows once"} <= set(figures["methods"])
    assert figures["methods"]["tweetfocus"]["times_ours"] == 1
