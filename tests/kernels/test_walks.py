from __future__ import annotations

import networkx as nx
import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array

from tweetfocus.errors import InvalidRequest
from tweetfocus.kernels.walks import circle_of_trust, local_pagerank, personalized_pagerank, salsa

Floats = npt.NDArray[np.float64]


def _random_follows(n: int, density: float, seed: int) -> Floats:
    follows = (np.random.default_rng(seed).random((n, n)) < density).astype(np.float64)
    np.fill_diagonal(follows, 0)
    return follows


GRAPHS = {
    "random": _random_follows(30, 0.1, 1),
    "dense": _random_follows(12, 0.6, 2),
    "mostly dangling": np.triu(_random_follows(20, 0.1, 3)),
    "two parts": np.kron(np.eye(2), _random_follows(8, 0.4, 4)),
    "chain": np.eye(6, k=1),
    "ring": np.roll(np.eye(5), 1, axis=1),
    "star inwards": np.outer(np.arange(7) > 0, np.arange(7) == 0).astype(np.float64),
    "no edges": np.zeros((4, 4)),
    "weighted": _random_follows(15, 0.3, 5) * np.arange(1, 16),
}


@pytest.mark.parametrize("damping", [0.5, 0.85])
@pytest.mark.parametrize("seeds", [[0], [2, 1]])
@pytest.mark.parametrize("name", GRAPHS)
def test_pagerank_agrees_with_networkx(name: str, seeds: list[int], damping: float) -> None:
    follows = GRAPHS[name]
    graph = nx.from_numpy_array(follows, create_using=nx.DiGraph)
    expected = nx.pagerank(graph, alpha=damping, personalization=dict.fromkeys(seeds, 1), tol=1e-13, max_iter=2000)
    found = personalized_pagerank(csr_array(follows), seeds, damping=damping, tolerance=1e-13, max_steps=2000)
    np.testing.assert_allclose(found, [expected[row] for row in range(len(follows))], atol=1e-10)
    assert found.sum() == pytest.approx(1, abs=1e-9)


def test_pagerank_reads_a_csc_matrix_alike() -> None:
    follows = csr_array(GRAPHS["random"])
    np.testing.assert_allclose(personalized_pagerank(follows.tocsc(), [3]), personalized_pagerank(follows, [3]), atol=1e-12)


def test_a_seed_named_twice_counts_once() -> None:
    follows = csr_array(GRAPHS["random"])
    assert personalized_pagerank(follows, [4, 1, 4]).tolist() == personalized_pagerank(follows, [1, 4]).tolist()


def test_a_walker_never_reaches_what_cannot_be_reached() -> None:
    visits = personalized_pagerank(csr_array(GRAPHS["two parts"]), [0])
    assert (visits[8:] == 0).all()
    assert (visits[:8] > 0).any()


def test_without_damping_the_walker_stays_at_the_seeds() -> None:
    assert personalized_pagerank(csr_array(GRAPHS["dense"]), [1, 2], damping=0).tolist() == [0, 0.5, 0.5, *[0] * 9]


@pytest.mark.parametrize(
    ("seeds", "damping", "message"),
    [([], 0.85, "at least one seed"), ([-1], 0.85, "outside 0 .. 5"), ([6], 0.85, "outside 0 .. 5"), ([0], 1.0, "damping")],
)
def test_walks_that_cannot_be_walked_are_refused(seeds: list[int], damping: float, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        personalized_pagerank(csr_array(GRAPHS["chain"]), seeds, damping=damping)


UNDIRECTED = {name: ((follows + follows.T) > 0).astype(np.float64) for name, follows in GRAPHS.items()}


@pytest.mark.parametrize("precision", [1e-2, 1e-4, 1e-9])
@pytest.mark.parametrize("seeds", [[0], [2, 1]])
@pytest.mark.parametrize("name", UNDIRECTED)
def test_a_local_walk_keeps_its_precision_towards_networkx(name: str, seeds: list[int], precision: float) -> None:
    around = UNDIRECTED[name]
    graph = nx.from_numpy_array(around)
    exact = nx.pagerank(graph, personalization=dict.fromkeys(seeds, 1), tol=1e-14, max_iter=5000)
    found = local_pagerank(csr_array(around), seeds, precision=precision)
    degree = np.maximum(around.sum(axis=1), 1)
    assert (np.abs(found - [exact[row] for row in range(len(around))]) <= precision * degree + 1e-12).all()
    assert (found[[exact[row] < 1e-12 for row in range(len(around))]] == 0).all()  # what cannot be reached


def test_a_local_walk_on_a_graph_worked_by_hand() -> None:
    # 0 - 1 - 2, from 0, damping 1/2, and nobody may hold more than 1/4 per neighbour.
    # Round 1: row 0 holds 1 > 1/4, keeps 1/2, passes 1/2 to row 1, which holds 1/2, not more than 2/4: done.
    # What is left, 1/2 at row 1: half of it stays there; the rest, 1/4, goes by degree to the reached: 1/4 of it to 0, 2/4 to 1.
    path = csr_array(UNDIRECTED["chain"][:3, :3])
    assert local_pagerank(path, [0], damping=0.5, precision=0.25).tolist() == [1 / 2 + 1 / 16, 1 / 4 + 1 / 8, 0]


def test_a_local_walk_reads_as_little_of_a_larger_graph() -> None:
    ring = np.eye(2000, k=1) + np.eye(2000, k=-1)
    ring[0, -1] = ring[-1, 0] = 1
    found = local_pagerank(csr_array(ring), [1000], precision=1e-3)
    assert 5 < np.count_nonzero(found) < 60  # a walker restarts every seventh step: nobody far away is reached
    np.testing.assert_array_equal(found[1001:1031], found[970:1000][::-1])


def test_a_local_walk_needs_a_precision() -> None:
    for precision in (0.0, -1.0, float("nan")):
        with pytest.raises(InvalidRequest, match="precision must be above zero"):
            local_pagerank(csr_array(UNDIRECTED["ring"]), [0], precision=precision)
    with pytest.raises(InvalidRequest, match="at least one seed"):
        local_pagerank(csr_array(UNDIRECTED["ring"]), [])


def test_circle_of_trust_holds_the_most_visited_with_ties_by_row() -> None:
    visits = np.array([0.1, 0.3, 0.0, 0.3, 0.2, 0.1])
    assert circle_of_trust(visits, 4).tolist() == [1, 3, 4, 0]
    assert circle_of_trust(visits, 4, but=[3, 0]).tolist() == [1, 4, 5]
    assert circle_of_trust(visits, 99).tolist() == [1, 3, 4, 0, 5]
    assert circle_of_trust(visits, 0).tolist() == []
    assert visits.tolist() == [0.1, 0.3, 0.0, 0.3, 0.2, 0.1]


def _dense_salsa(follows: Floats, circle: list[int], reset: float, steps: int, home: int | None) -> tuple[Floats, Floats]:
    """The two half steps as transition matrices between all accounts on the left and all on the right."""
    left = np.zeros(len(follows), bool)
    left[circle] = True
    left &= follows.sum(axis=1) > 0
    edges = follows * left[:, None]
    to_right = edges / np.maximum(edges.sum(axis=1, keepdims=True), 1)
    to_left = edges.T / np.maximum(edges.sum(axis=0)[:, None], 1)
    start = left / left.sum() if home is None or not left[home] else (np.arange(len(follows)) == home).astype(np.float64)
    hubs = start
    for _ in range(steps):
        authorities = ((1 - reset) * hubs + reset * start) @ to_right
        hubs = authorities @ to_left
    return authorities, hubs


@pytest.mark.parametrize("home", [None, 2, 9])
@pytest.mark.parametrize(("reset", "steps"), [(0.0, 1), (0.15, 20), (0.5, 3)])
def test_salsa_agrees_with_dense_transition_matrices(reset: float, steps: int, home: int | None) -> None:
    follows, circle = _random_follows(14, 0.3, 6), [2, 3, 5, 7, 11]
    follows[5] = 0  # trusted, but follows nobody
    authorities, hubs = salsa(csr_array(follows), circle, reset=reset, steps=steps, home=home)
    expected = _dense_salsa(follows, circle, reset, steps, home)
    np.testing.assert_allclose(authorities, expected[0], atol=1e-12)
    np.testing.assert_allclose(hubs, expected[1], atol=1e-12)
    assert authorities.sum() == pytest.approx(1)
    assert hubs.sum() == pytest.approx(1)


def test_salsa_without_resets_counts_followers_from_the_circle() -> None:
    # Lempel & Moran (2000): on a connected bipartite graph, authorities are proportional to in-degree and hubs to out-degree.
    follows = np.zeros((6, 6))
    follows[[0, 0, 1, 1, 1, 2], [3, 4, 3, 4, 5, 4]] = 1
    authorities, hubs = salsa(csr_array(follows), [0, 1, 2], reset=0.0, steps=200)
    np.testing.assert_allclose(authorities, [0, 0, 0, 2 / 6, 3 / 6, 1 / 6], atol=1e-9)
    np.testing.assert_allclose(hubs, [2 / 6, 3 / 6, 1 / 6, 0, 0, 0], atol=1e-9)


def test_salsa_of_a_circle_that_follows_nobody_is_zero() -> None:
    for circle in ([], [5]):
        authorities, hubs = salsa(csr_array(GRAPHS["chain"]), circle)
        assert authorities.tolist() == hubs.tolist() == [0] * 6


def test_salsa_needs_a_step() -> None:
    with pytest.raises(InvalidRequest, match="steps must be at least 1"):
        salsa(csr_array(GRAPHS["ring"]), [0], steps=0)
