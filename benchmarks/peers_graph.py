"""Peers that need nothing but the follows, computed here: they are a few sparse products each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array

from benchmarks.peers_base import Floats, Method, Neighbourhood, World, combinations, neighbours
from tweetfocus.evaluation.harness import Scorer
from tweetfocus.kernels.walks import salsa

__all__ = ["GRAPH_PEERS"]

_WAYS: tuple[Neighbourhood, ...] = ("out", "in", "both")
_CIRCLE = 1000  # the largest circle of trust that is kept


def _random(world: World) -> Scorer:
    return lambda row: np.random.default_rng([7, row]).random(len(world.graph))


def _popularity(world: World) -> Scorer:
    return lambda _: world.graph.in_degree.astype(np.float64)


def _shared_neighbours(world: World, mine: Neighbourhood, theirs: Neighbourhood, weight: Floats) -> Callable[[int], Floats]:
    """Query row -> (n,) sum of the weights of the neighbours that both have."""
    of_query, of_candidate = neighbours(world, mine), neighbours(world, theirs)

    def score(row: int) -> Floats:
        own = _row(of_query, row)
        known = np.zeros(len(weight))
        known[own] = weight[own]
        return of_candidate @ known

    return score


def _friends(world: World, mine: Neighbourhood, theirs: Neighbourhood) -> Scorer:
    return _shared_neighbours(world, mine, theirs, np.ones(len(world.graph)))


def _adamic_adar(world: World, mine: Neighbourhood, theirs: Neighbourhood, degree: Neighbourhood) -> Scorer:
    """A shared neighbour counts less the more neighbours it has (Adamic & Adar, 2003)."""
    count = np.diff(neighbours(world, degree).indptr)
    return _shared_neighbours(world, mine, theirs, 1 / np.log(np.maximum(count, 2)))


def _bm25(world: World, mine: Neighbourhood, theirs: Neighbourhood, length: Neighbourhood, k: float, b: float) -> Scorer:
    """People are documents, their neighbours are the terms (Sanz-Cruzado & Castells, ECIR 2019; and Macdonald et al., ECIR 2020).

    A neighbour whom most people have says nothing here; in the formula as published it would speak against them.
    """
    n = len(world.graph)
    holders = np.bincount(neighbours(world, theirs).indices, minlength=n)
    rarity = np.maximum(np.log((n - holders + 0.5) / (holders + 0.5)), 0)
    count = np.diff(neighbours(world, length).indptr)
    relative = count / max(count.mean(), 1e-12)
    saturation = (k + 1) / (k * (1 - b + b * relative) + 1)
    shared = _shared_neighbours(world, mine, theirs, rarity)
    return lambda row: saturation * shared(row)


def _pagerank(world: World, way: Neighbourhood, damping: float) -> Scorer:
    """Where a walker who starts over at the query is found (Page et al., 1999); without a way out they start over too."""
    back = world.keep(("backwards", way), lambda: _backwards(neighbours(world, way)))
    stuck = np.flatnonzero(np.diff(neighbours(world, way).indptr) == 0)
    return lambda row: _walk(back, stuck, row, damping)


def _backwards(steps: csr_array) -> csr_array:
    """Column-stochastic transition matrix, to be multiplied from the left."""
    degree = np.diff(steps.indptr)
    return (diags_array(1 / np.maximum(degree, 1)) @ steps).T.tocsr()


def _walk(back: csr_array, stuck: npt.NDArray[np.int64], row: int, damping: float, tolerance: float = 1e-7) -> Floats:
    found = np.zeros(back.shape[0])
    found[row] = 1.0
    for _ in range(200):
        after = damping * (back @ found)
        after[row] += damping * found[stuck].sum() + (1 - damping)
        change = np.abs(after - found).sum()
        found = after
        if change < tolerance:
            break
    return found


def _salsa(world: World, way: Neighbourhood, size: int, steps: int, reset: float) -> Scorer:
    """Who is followed within the query's circle of trust, as Twitter did it (Gupta et al., WWW 2013)."""
    circles: dict[int, npt.NDArray[np.int64]] = world.keep(("circles", way), dict)
    walk = _pagerank(world, way, 0.85)
    following = neighbours(world, "out")

    def score(row: int) -> Floats:
        if row not in circles:
            visits = walk(row)
            order = np.argsort(-visits, kind="stable")[:_CIRCLE]
            circles[row] = order[visits[order] > 0]
        return salsa(following, circles[row][:size], reset=reset, steps=steps, home=row)[0]

    return score


def _co_follow(world: World, way: Neighbourhood, power: float) -> Scorer:
    """Accounts followed by the same people as those I follow, the sum of cosines (Sarwar et al., WWW 2001; Deshpande & Karypis, 2004).

    `way` is whose neighbours count as my choices and everybody's; `power` is how much the popularity of a candidate is divided out:
    a half is the cosine.
    """
    chosen = neighbours(world, way)
    choosers = chosen.T.tocsr()
    count = np.maximum(np.diff(choosers.indptr), 1)

    def score(row: int) -> Floats:
        own = _row(chosen, row)
        weight = np.zeros(len(world.graph))
        weight[own] = count[own] ** -0.5
        return (choosers @ (chosen @ weight)) * count**-power

    return score


def _user_knn(world: World, profile: Neighbourhood, vote: Neighbourhood, k: int, power: float) -> Scorer:
    """Whom those follow who are most like me: cosine of neighbourhoods, the `k` nearest vote (Herlocker et al., SIGIR 1999)."""
    profiles, votes = neighbours(world, profile), neighbours(world, vote)
    ballots = votes.T.tocsr()
    length = np.sqrt(np.maximum(np.diff(profiles.indptr), 1))

    def score(row: int) -> Floats:
        mine = np.zeros(len(world.graph))
        mine[_row(profiles, row)] = 1
        likeness = (profiles @ mine) / (length * length[row])
        likeness[row] = 0
        nearest = np.argpartition(-likeness, k)[:k] if k < len(likeness) else np.arange(len(likeness))
        weight = np.zeros(len(world.graph))
        weight[nearest] = likeness[nearest] ** power
        return ballots @ weight

    return score


def _row(matrix: csr_array, row: int) -> npt.NDArray[np.integer]:
    return matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]


# With one neighbour per term, k and b of BM25 act on the order only together, by k b / (1 + k (1 - b)): 0, 0.05, 0.33, 1 and 10
_SATURATIONS = ((1.0, 0.1), (1.0, 0.5), (1.0, 1.0), (10.0, 1.0))
_BM25_GRID = (
    *combinations(mine=_WAYS, theirs=_WAYS, length=("in",), k=(1.0,), b=(0.0,)),
    *(setting for k, b in _SATURATIONS for setting in combinations(mine=_WAYS, theirs=_WAYS, length=_WAYS, k=(k,), b=(b,))),
)

GRAPH_PEERS = (
    Method("random", _random, falls_back=False),
    Method("popularity", _popularity, falls_back=False),
    Method("friends of friends", _friends, combinations(mine=_WAYS, theirs=_WAYS)),
    Method("Adamic-Adar", _adamic_adar, combinations(mine=_WAYS, theirs=_WAYS, degree=_WAYS)),
    Method("BM25 on neighbours", _bm25, _BM25_GRID),
    Method("personalised PageRank", _pagerank, combinations(way=("out", "both"), damping=(0.3, 0.5, 0.7, 0.85))),
    Method(
        "SALSA",
        _salsa,
        combinations(way=("out", "both"), size=(50, 100, 200, 500, 1000), steps=(5,), reset=(0.15, 0.5)),
    ),
    Method("co-follow cosine", _co_follow, combinations(way=("out", "both"), power=(0.15, 0.25, 0.35, 0.5))),
    Method(
        "user-kNN",
        _user_knn,
        combinations(profile=_WAYS, vote=("out", "both"), k=(10, 25, 50, 100, 200, 500), power=(1.0, 2.0)),
    ),
)
