from __future__ import annotations

import numpy as np
import pytest

from tweetfocus.index.building import FacetTable
from tweetfocus.index.voices import Voices
from tweetfocus.index.words import word_table
from tweetfocus.kernels.factors import term_factors
from tweetfocus.kernels.similarity import unit_rows

# two facets, none, one, and the same one again
VECTORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0.6, 0.8], [0, 0.6, 0.8]], np.float32)
SHARES, OFFSETS = np.array([0.75, 0.25, 1, 1], np.float32), np.array([0, 2, 2, 3, 4])
TEXTS = [["heat pumps"], [], ["sour dough"], ["sour dough"]]


@pytest.fixture(scope="module")
def voices() -> Voices:
    facets = FacetTable(VECTORS, SHARES, OFFSETS, np.zeros(0, np.int8), np.full(4, np.nan, np.float32))
    words = word_table([*TEXTS, ["heat pumps"], ["sour dough"]][:4])
    return Voices(facets, words, term_factors(words.weights, size=2))


def test_rows_by_hand(voices: Voices) -> None:
    meant = np.array([[3, 1, 0], [0, 0, 0], [0, 0.6, 0.8], [0, 0.6, 0.8]])
    np.testing.assert_allclose(voices.rows()[:, :3], unit_rows(meant), atol=1e-6)
    np.testing.assert_allclose(voices.rows()[:, 3:], voices.words.weights @ voices.terms, atol=1e-6)
    assert voices.speaks.tolist() == [True, False, True, True]
    assert voices.rows()[:, 3:].any()


def test_products_and_totals_are_those_of_the_matrix(voices: Voices) -> None:
    rng = np.random.default_rng(1)
    rows = voices.rows().astype(np.float64)
    direction, values = rng.normal(size=rows.shape[1]), rng.normal(size=len(rows))
    np.testing.assert_allclose(voices.products(direction), rows @ direction, atol=1e-6)
    np.testing.assert_allclose(voices.totals(values), rows.T @ values, atol=1e-6)
    assert voices.products(direction)[2] == voices.products(direction)[3]  # twins, exactly
