from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import tweetfocus as tf
from tweetfocus.ranking.candidates import Strongest, default_generators, make_pool
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.query import make_query

KINDS = {
    "walk": ("walk", "trust"),
    "co-follow": ("co_follow", "peers", "neighbours", "pattern", "friends", "likeness"),
    "followers": ("fellows", "audience"),
    "engaged-with-you": ("engaged", "follows_me"),
    "similarity": ("facets", "bio", "words", "alike", "spoken", "echo"),
}


class Fixed:
    """Proposes the same rows to everybody, allowed or not."""

    def __init__(self, rows: object, name: str = "fixed") -> None:
        self.name, self.rows = name, rows

    def propose(self, evidence: Evidence, k: int, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return self.rows  # type: ignore[return-value]


class Front:
    """Proposes the first rows that are allowed."""

    name = "front"

    def propose(self, evidence: Evidence, k: int, allowed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return np.flatnonzero(allowed)[:k]


@pytest.fixture(scope="module")
def evidence(hashed_world_index: tf.AccountIndex) -> Evidence:
    return Evidence(hashed_world_index, make_query(hashed_world_index, "@me"))


def _best(values: npt.NDArray[np.float64], allowed: npt.NDArray[np.bool_], k: int) -> list[int]:
    rows = [row for row in range(len(values)) if allowed[row] and values[row] > 0]  # NaN is not above zero
    return sorted(rows, key=lambda row: (-values[row], row))[:k]


@pytest.mark.parametrize("k", [1, 7, 60, 1000])
def test_the_strongest_are_those_with_most_of_each_kind(evidence: Evidence, k: int) -> None:
    allowed = np.arange(len(evidence.index)) % 3 > 0
    for generator in default_generators():
        expected = [row for kind in KINDS[generator.name] for row in _best(getattr(evidence, kind), allowed, k)]
        assert generator.propose(evidence, k, allowed).tolist() == expected


def test_nobody_is_proposed_on_no_evidence(hashed_world_index: tf.AccountIndex) -> None:
    stranger = Evidence(hashed_world_index, make_query(hashed_world_index, None, interests=["qwertz"]))
    everybody = np.ones(len(hashed_world_index), dtype=bool)
    ties = ("walk", "trust", "co_follow", "peers", "neighbours", "fellows", "friends", "audience", "likeness", "engaged")
    for kind in (*ties, "follows_me"):
        assert Strongest("by follows", (kind,)).propose(stranger, 5, everybody).tolist() == []


@pytest.mark.parametrize("k", [3, 20])
def test_found_by_is_true(evidence: Evidence, k: int) -> None:
    eligible = np.arange(len(evidence.index)) % 4 > 0
    pool = make_pool(evidence, default_generators(), k, eligible)
    everybody = np.ones_like(eligible)
    found: dict[int, list[str]] = {}
    for name, kinds in KINDS.items():
        rows = {
            row for allowed in (everybody, eligible) for kind in kinds for row in _best(getattr(evidence, kind), allowed, k)
        }
        for row in rows:
            found.setdefault(row, []).append(name)
    assert dict(zip(pool.rows.tolist(), map(list, pool.found_by), strict=True)) == found
    assert pool.rows.tolist() == sorted(found)
    assert len(pool) == len(found)


def test_the_ineligible_in_front_take_nobodys_place(evidence: Evidence) -> None:
    eligible = np.ones(len(evidence.index), dtype=bool)
    eligible[:10] = False
    pool = make_pool(evidence, [Front()], 4, eligible)
    assert pool.rows.tolist() == [0, 1, 2, 3, 10, 11, 12, 13]


def test_who_is_proposed_twice_stands_in_the_pool_once(evidence: Evidence) -> None:
    pool = make_pool(evidence, [Fixed([5, 2, 5]), Fixed(np.array([2]), "second")], 9, np.ones(len(evidence.index), dtype=bool))
    assert pool.rows.tolist() == [2, 5]
    assert pool.found_by == (("fixed", "second"), ("fixed",))


def test_no_generators_and_no_proposals_make_an_empty_pool(evidence: Evidence) -> None:
    eligible = np.ones(len(evidence.index), dtype=bool)
    assert len(make_pool(evidence, [], 5, eligible)) == 0
    assert len(make_pool(evidence, [Fixed([])], 5, eligible)) == 0


@pytest.mark.parametrize("rows", [[-1], [10_000], [0.5], np.ones(240, dtype=bool), [["1"]]])
def test_what_is_not_a_row_is_refused(evidence: Evidence, rows: object) -> None:
    with pytest.raises(tf.InvalidRequest, match=f"generator 'fixed' must propose rows from 0 to {len(evidence.index) - 1}"):
        make_pool(evidence, [Fixed(rows)], 5, np.ones(len(evidence.index), dtype=bool))
