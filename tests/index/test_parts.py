from __future__ import annotations

import numpy as np
import pytest

from tweetfocus.data.graph import FollowGraph
from tweetfocus.index.parts import part_arrays, read_part
from tweetfocus.index.words import WordTable, word_table


def test_there_and_back_again() -> None:
    table = word_table([["heat pumps"], ["pumps and valves"], ["valves"]])
    arrays = part_arrays("words", table)
    assert set(arrays) == {"words.idf", "words.indptr", "words.indices", "words.counts"}
    again = read_part("words", WordTable, arrays, vocabulary=table.vocabulary)
    assert again.vocabulary == table.vocabulary
    assert part_arrays("words", again) == arrays


def test_what_has_a_default_may_be_missing() -> None:
    graph = FollowGraph.from_pairs(3, [0, 1], [1, 2])
    assert read_part("graph", FollowGraph, part_arrays("graph", graph)).both_indptr is None
    arrays = part_arrays("graph", graph.with_both())
    assert len(arrays) == 6
    again = read_part("graph", FollowGraph, arrays)
    assert again.undirected.indices is arrays["graph.both_indices"]
    np.testing.assert_array_equal(again.undirected.indices, graph.undirected.indices)


def test_what_has_none_may_not() -> None:
    arrays = part_arrays("graph", FollowGraph.from_pairs(3, [0, 1], [1, 2]))
    del arrays["graph.in_indices"]
    with pytest.raises(KeyError, match=r"graph\.in_indices"):
        read_part("graph", FollowGraph, arrays)
