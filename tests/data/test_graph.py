from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tweetfocus.data.graph import FollowGraph
from tweetfocus.errors import DataError

Pairs = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Pairs]:
    """A number of rows, and pairs of them with selves and repetitions."""
    n = draw(st.integers(0, 9))
    row = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(row, row), max_size=30)) if n else []


def _graph(n: int, pairs: Pairs) -> FollowGraph:
    return FollowGraph.from_pairs(n, [a for a, _ in pairs], [b for _, b in pairs])


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_rows_agree_with_the_set_of_pairs(case: tuple[int, Pairs]) -> None:
    n, pairs = case
    graph, follows = _graph(n, pairs), {(a, b) for a, b in pairs if a != b}
    assert len(graph) == n
    assert [graph.following(row).tolist() for row in range(n)] == [
        sorted(b for a, b in follows if a == row) for row in range(n)
    ]
    assert [graph.followers(row).tolist() for row in range(n)] == [
        sorted(a for a, b in follows if b == row) for row in range(n)
    ]
    assert graph.out_degree.tolist() == [sum(a == row for a, _ in follows) for row in range(n)]
    assert graph.in_degree.tolist() == [sum(b == row for _, b in follows) for row in range(n)]
    assert repr(graph) == f"FollowGraph({n} accounts, {len(follows)} follows)"


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_matrices_agree_with_the_set_of_pairs(case: tuple[int, Pairs]) -> None:
    n, pairs = case
    dense = np.zeros((n, n))
    for a, b in pairs:
        dense[a, b] = a != b
    graph = _graph(n, pairs)
    assert graph.out_matrix.toarray().tolist() == dense.tolist()
    assert graph.in_matrix.toarray().tolist() == dense.T.tolist()
    assert graph.undirected_matrix.toarray().tolist() == np.maximum(dense, dense.T).tolist()
    assert {matrix.format for matrix in (graph.out_matrix, graph.in_matrix, graph.undirected_matrix)} == {"csr"}
    values = np.arange(1.0, n + 1)
    for lines, matrix in ((graph.out_lines, dense), (graph.in_lines, dense.T), (graph.undirected, np.maximum(dense, dense.T))):
        assert (lines @ values).tolist() == (matrix @ values).tolist()
    again = graph.with_both()
    assert again.both_indptr is not None
    assert again.undirected.indices.tolist() == graph.undirected.indices.tolist()


def _unit(rows: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_what_is_around_everybody_agrees_with_the_set_of_pairs(case: tuple[int, Pairs]) -> None:
    n, pairs = case
    follows = np.zeros((n, n))
    for a, b in pairs:
        follows[a, b] = a != b
    graph, either = _graph(n, pairs), np.maximum(follows, follows.T)
    choosers = [row for row in range(n) if follows[row].sum() >= 2]
    around = (either + np.eye(n)) / (either.sum(axis=0) + 1) ** 0.25  # the well-known count less
    assert graph.undirected_degree.tolist() == either.sum(axis=1).tolist()
    assert np.flatnonzero(graph.chooses).tolist() == choosers
    everybody = np.arange(n)
    for surroundings, expected in (
        (graph.followings_around, _unit(follows)),
        (graph.followers_around, _unit(follows.T + np.eye(n))),
        (graph.neighbours_around, _unit(around)),
    ):
        found, columns = surroundings.some(everybody)
        assert found.format == "csr"
        np.testing.assert_allclose(found.toarray(), expected[:, columns], atol=1e-12)
        assert not np.delete(expected, columns, axis=1).any()
        for row in range(n):
            entries, values = surroundings.row(row)
            assert np.flatnonzero(expected[row]).tolist() == entries.tolist()
            np.testing.assert_allclose(values, expected[row, entries], atol=1e-12)


def test_what_is_around_people_leaves_the_follows_as_they_are() -> None:
    graph = _graph(4, [(0, 1), (0, 2), (1, 2), (1, 3)])
    before = graph.out_matrix.toarray().tolist()
    assert graph.followings_around.some(np.arange(4))[0].toarray().max() < 1
    assert graph.followers_around.some(np.arange(4))[0].toarray().max() <= 1
    assert graph.neighbours_around.some(np.arange(4))[0].toarray().max() < 1
    assert graph.out_matrix.toarray().tolist() == before
    assert set(graph.undirected_matrix.data.tolist()) == {1.0}
    assert set(graph.in_matrix.data.tolist()) == {1.0}


@given(graphs(), st.randoms())
@settings(max_examples=60, deadline=None)
def test_networkx_and_back_is_the_same_graph(case: tuple[int, Pairs], rng: object) -> None:
    n, pairs = case
    graph = _graph(n, pairs)
    names = [f"n{row}" for row in range(n)]
    for ids, back in ((names, None), (names[::-1], names[::-1]), (None, [str(row) for row in range(n)])):
        there = graph.to_networkx(ids)
        assert there.number_of_nodes() == n
        again = FollowGraph.from_networkx(there, ids=back)
        assert again.out_indptr.tolist() == graph.out_indptr.tolist()
        assert again.out_indices.tolist() == graph.out_indices.tolist()
        assert again.in_indptr.tolist() == graph.in_indptr.tolist()
        assert again.in_indices.tolist() == graph.in_indices.tolist()


def test_networkx_edges_are_named_by_the_ids() -> None:
    assert sorted(_graph(3, [(0, 2), (2, 1)]).to_networkx(["x", "y", "z"]).edges) == [("x", "z"), ("z", "y")]
    assert sorted(_graph(3, [(0, 2), (2, 1)]).to_networkx().edges) == [(0, 2), (2, 1)]


def test_nodes_stand_in_the_order_of_their_text() -> None:
    graph = FollowGraph.from_networkx(nx.DiGraph([(10, 9), (9, 2)]))  # rows: "10", "2", "9"
    assert [graph.following(row).tolist() for row in range(3)] == [[2], [], [1]]


def test_an_undirected_edge_is_a_follow_each_way_and_parallel_edges_count_once() -> None:
    assert sorted(FollowGraph.from_networkx(nx.Graph([("a", "b")])).to_networkx().edges) == [(0, 1), (1, 0)]
    many = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("a", "a")])
    assert sorted(FollowGraph.from_networkx(many).to_networkx().edges) == [(0, 1)]


def test_ids_may_hold_more_than_the_graph_but_not_less() -> None:
    graph = nx.DiGraph([("b", "a")])
    assert FollowGraph.from_networkx(graph, ids=["a", "x", "b"]).following(2).tolist() == [0]
    with pytest.raises(DataError, match="node 'b' is not among the ids"):
        FollowGraph.from_networkx(graph, ids=["a"])
    graph.add_node("lonely")
    with pytest.raises(DataError, match="node 'lonely' is not among the ids"):
        FollowGraph.from_networkx(graph, ids=["a", "b"])


@pytest.mark.parametrize("ids", [None, ["1"]])
def test_two_nodes_of_one_text_are_refused(ids: list[str] | None) -> None:
    with pytest.raises(DataError, match="two nodes have the same id"):
        FollowGraph.from_networkx(nx.DiGraph([(1, "1")]), ids=ids)


def test_as_many_different_ids_as_rows_are_needed() -> None:
    for ids in (["a"], ["a", "b", "c"], ["a", "a"]):
        with pytest.raises(DataError, match="different ids for 2 rows"):
            _graph(2, [(0, 1)]).to_networkx(ids)


@pytest.mark.parametrize(("source", "target"), [(-1, 0), (0, -1), (3, 0), (0, 3)])
def test_rows_out_of_range_are_refused(source: int, target: int) -> None:
    with pytest.raises(DataError, match=r"follows name rows outside 0 \.\. 2"):
        FollowGraph.from_pairs(3, [0, source], [1, target])


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(DataError, match="two lists of equal length"):
        FollowGraph.from_pairs(3, [0, 1], [1])


def test_neighbours_are_views_of_the_arrays() -> None:
    graph = _graph(3, [(0, 1), (0, 2)])
    assert np.shares_memory(graph.following(0), graph.out_indices)
    assert np.shares_memory(graph.followers(1), graph.in_indices)
