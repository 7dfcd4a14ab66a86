"""Personalised PageRank of one person: local push against scikit-network, igraph and networkx, at equal accuracy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.worlds import follow_pairs
from tweetfocus.data.graph import FollowGraph
from tweetfocus.kernels.walks import local_pagerank, personalized_pagerank

__all__ = ["measure"]

Floats = npt.NDArray[np.float64]
_TOP = 100
_MORE = 1.35  # times the follows of a world: 20 million edges between a million accounts
_MOST_FOR_NETWORKX = 100_000  # nodes; a million would need more memory than a laptop has


def measure(n: int = 1_000_000, *, seeds: int = 5, repeats: int = 5) -> dict[str, Any]:
    """Seconds of each for the same people, and how many of the true top 100 each finds."""
    sources, targets, _, _ = follow_pairs(n, more=_MORE)
    graph = FollowGraph.from_pairs(n, sources, targets).undirected_matrix
    people = np.random.default_rng(1).choice(np.flatnonzero(np.diff(graph.indptr) >= 5), seeds, replace=False).tolist()
    exact = {person: personalized_pagerank(graph, [person], tolerance=1e-12) for person in people}
    rivals = _rivals(graph)
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    right: dict[str, list[int]] = {name: [] for name in rivals}
    for person in people:
        for name, walk in rivals.items():  # in turn, so that a busy machine is busy for all
            for _ in range(repeats if name == "tweetfocus" else 1):
                start = time.perf_counter()
                found = walk(person)
                seconds[name].append(time.perf_counter() - start)
            right[name].append(_right(found, exact[person]))
    ours = float(np.median(seconds["tweetfocus"]))
    return {
        "nodes": n,
        "edges": int(graph.nnz // 2),
        "people": seeds,
        "walks": {
            name: {
                "median_s": float(np.median(took)),
                "slowest_s": max(took),
                "fewest right of 100": min(right[name]),
                "times ours": float(np.median(took)) / ours,
            }
            for name, took in seconds.items()
        },
    }


def _right(found: Floats, exact: Floats) -> int:
    """How many of the 100 largest are among the true ones; whoever ties with the hundredth counts."""
    limit = np.partition(exact, len(exact) - _TOP)[len(exact) - _TOP]
    top = np.lexsort((np.arange(len(found)), -found))[:_TOP]
    return int((exact[top] >= limit * (1 - 1e-9)).sum())


def _rivals(graph: Any) -> dict[str, Callable[[int], Floats]]:
    """Each as a function of one person; building their graphs is not counted."""
    import igraph
    from scipy.sparse import csr_matrix
    from sknetwork.ranking import PageRank

    matrix = csr_matrix((graph.data.astype(np.float64), graph.indices, graph.indptr), shape=graph.shape)
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    once = rows < graph.indices
    edges = igraph.Graph(n=graph.shape[0], edges=np.stack([rows[once], graph.indices[once]], axis=1))
    found: dict[str, Callable[[int], Floats]] = {
        "tweetfocus": lambda person: local_pagerank(graph, [person]),
        "scikit-network": lambda person: PageRank(solver="piteration").fit_predict(matrix, weights={person: 1}),
        "scikit-network, diteration": lambda person: PageRank(solver="diteration").fit_predict(matrix, weights={person: 1}),
        "igraph": lambda person: np.array(edges.personalized_pagerank(reset_vertices=[person])),
    }
    if graph.shape[0] <= _MOST_FOR_NETWORKX:
        import networkx as nx

        whole = nx.from_scipy_sparse_array(matrix)

        def by_networkx(person: int) -> Floats:
            ranks = nx.pagerank(whole, personalization={person: 1})
            return np.fromiter((ranks[row] for row in range(graph.shape[0])), float, graph.shape[0])

        found["networkx"] = by_networkx
    return found
