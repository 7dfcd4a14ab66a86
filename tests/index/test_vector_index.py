from __future__ import annotations

import sys

import numpy as np
import pytest

import tweetfocus as tf
from tweetfocus.errors import InvalidRequest, MissingExtra
from tweetfocus.index.vector_index import ApproximateVectors, ExactVectors, VectorIndex, nearest_accounts
from tweetfocus.kernels.similarity import best_per_group, row_products, top_k, unit_rows


def _vectors(n: int = 2000, d: int = 16) -> np.ndarray:
    return unit_rows(np.random.default_rng(0).standard_normal((n, d)))


@pytest.mark.parametrize("masked", [False, True])
def test_nearest_accounts_are_those_of_brute_force(hashed_world_index: tf.AccountIndex, masked: bool) -> None:
    index = hashed_world_index
    allowed = np.arange(len(index)) % 3 > 0 if masked else None
    for row, k in ((0, 1), (5, 20), (17, 1000)):
        mine = index.facet_vectors(row)[0]
        each = [best_per_group(row_products(index.facets.vectors, facet), index.facets.offsets) for facet in mine]
        scores = np.max(each, axis=0)
        rows = np.flatnonzero(np.isfinite(scores) & (True if allowed is None else allowed))
        order = rows[np.argsort(-scores[rows], kind="stable")][:k]
        found = nearest_accounts(index, mine, k, allowed=allowed)
        assert (found[0].tolist(), found[1].tolist()) == (scores[order].tolist(), order.tolist())


def test_requests_that_do_not_fit_are_refused(hashed_world_index: tf.AccountIndex) -> None:
    facet = hashed_world_index.facet_vectors(0)[0]
    with pytest.raises(InvalidRequest, match="not k=0"):
        nearest_accounts(hashed_world_index, facet, 0)
    with pytest.raises(InvalidRequest, match="and 0 facets"):
        nearest_accounts(hashed_world_index, facet[:0], 3)
    with pytest.raises(InvalidRequest, match="allowed has shape"):
        nearest_accounts(hashed_world_index, facet, 3, allowed=np.ones(2, bool))
    with pytest.raises(InvalidRequest, match="holds 2000 vectors"):
        nearest_accounts(hashed_world_index, facet, 3, among=ExactVectors.of(_vectors()))


def test_a_wide_graph_finds_nearly_all_and_scores_exactly() -> None:
    vectors = _vectors()
    queries = vectors[:20]
    graph: VectorIndex = ApproximateVectors(vectors, width=300)
    allowed = np.arange(len(vectors)) % 4 == 0
    for mask in (None, allowed):
        scores, rows = graph.search(queries, 10, allowed=mask)
        true = top_k(queries, vectors, 10, allowed=mask)
        shared = [len(set(one) & set(other)) for one, other in zip(rows.tolist(), true[1].tolist(), strict=True)]
        assert np.mean(shared) >= 9
        for query, score, found in zip(queries, scores, rows, strict=True):
            assert score.tolist() == row_products(vectors[found], query).tolist() == sorted(score.tolist(), reverse=True)
            assert mask is None or mask[found].all()


def test_where_nearly_all_are_wanted_or_left_out_a_graph_answers_exactly() -> None:
    vectors = _vectors(100)
    graph = ApproximateVectors(vectors)
    few = np.zeros(100, bool)
    few[[3, 70]] = True
    for k, mask in ((80, None), (500, None), (2, few), (9, few)):
        found, true = graph.search(vectors[:3], k, allowed=mask), top_k(vectors[:3], vectors, k, allowed=mask)
        assert found[1].tolist() == true[1].tolist()
        assert found[0].tolist() == true[0].tolist()


def test_a_graph_without_usearch_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(MissingExtra, match=r"tweetfocus\[approximate\]"):
        ApproximateVectors(_vectors(10))


def test_a_graph_refuses_what_cannot_be_searched() -> None:
    with pytest.raises(InvalidRequest, match="width must be at least 1"):
        ApproximateVectors(_vectors(10), width=0)
    with pytest.raises(InvalidRequest, match="k must be at least 1"):
        ApproximateVectors(_vectors(10)).search(_vectors(1), 0)
