"""Peers that other libraries compute: `implicit` and LensKit, from the extra `benchmark`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, csr_matrix

from benchmarks.peers_base import Floats, Method, Neighbourhood, Setting, World, combinations, neighbours
from tweetfocus.evaluation.harness import Scorer

__all__ = ["LIBRARY_PEERS", "first_of_rows", "strongest_first"]

_SEED = 0
_THREADS = 2
_DEEPEST = 200  # neighbours per item that are computed once, and cut to what is asked


def _item_knn(world: World, model: str, way: Neighbourhood, k: int) -> Scorer:
    """Items like those I follow: implicit's item-item recommenders, the `k` nearest items of each."""
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

    chosen = neighbours(world, way)

    def deepest() -> csr_matrix:
        kinds = {"cosine": CosineRecommender, "tf-idf": TFIDFRecommender, "bm25": BM25Recommender}
        made = kinds[model](K=_DEEPEST, num_threads=_THREADS)
        with _quietly():
            made.fit(csr_matrix(chosen), show_progress=False)
        return strongest_first(made.similarity)

    # one model is kept at a time: they are large, and the grid has all its k in a row
    held = world.keep("item-kNN", dict[tuple[str, str], csr_matrix])
    if (model, way) not in held:
        held.clear()
        held[model, way] = deepest()
    nearest = first_of_rows(held[model, way], k)
    return lambda row: np.asarray(nearest[_row(chosen, row)].sum(axis=0)).ravel()


def strongest_first(matrix: csr_matrix) -> csr_matrix:
    """The same matrix, the entries of each row from the largest to the smallest."""
    owner = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((-matrix.data, owner))
    return csr_matrix((matrix.data[order], matrix.indices[order], matrix.indptr), shape=matrix.shape)


def first_of_rows(matrix: csr_matrix, k: int) -> csr_matrix:
    """The first `k` entries of each row, as they are stored."""
    counts = np.diff(matrix.indptr)
    kept = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], counts) < k
    indptr = np.concatenate([[0], np.cumsum(np.minimum(counts, k))])
    return csr_matrix((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)


def _als(world: World, way: Neighbourhood, factors: int, regularization: float, alpha: float, weighted: bool) -> Scorer:
    """Implicit alternating least squares (Hu, Koren & Volinsky, ICDM 2008), on follows or on their BM25 weights."""
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import bm25_weight

    chosen = neighbours(world, way)
    users = np.flatnonzero(np.diff(chosen.indptr))
    items = np.unique(chosen.indices)
    matrix = csr_matrix(chosen[users][:, items], dtype=np.float32)
    model = AlternatingLeastSquares(
        factors=factors,
        regularization=regularization,
        alpha=alpha,
        iterations=15,  # 10 to 60 made no difference
        num_threads=_THREADS,
        random_state=_SEED,
    )
    with _quietly():
        model.fit(bm25_weight(matrix, K1=100, B=0.8).tocsr() if weighted else matrix, show_progress=False)
    user = {row: place for place, row in enumerate(users.tolist())}

    def score(row: int) -> Floats:
        scores = np.full(len(world.graph), -np.inf)
        if row in user:
            scores[items] = model.item_factors @ model.user_factors[user[row]]
        return scores

    return score


def _lenskit(world: World, model: str, way: Neighbourhood, items: int | None = None, **setting: Any) -> Scorer:
    """One of LensKit's models; `items` are the most followed accounts that a costly model is about."""
    from lenskit.data import ItemList, RecQuery, from_interactions_df
    from lenskit.training import TrainingOptions

    chosen = neighbours(world, way).tocoo()
    followed = np.bincount(chosen.col, minlength=len(world.graph))
    about = np.zeros(len(followed), dtype=bool)
    about[np.argsort(-followed, kind="stable")[:items]] = True
    about &= followed > 0
    pairs = about[chosen.col]
    made = _lenskit_model(model, setting)
    with _quietly():
        made.train(from_interactions_df(_frame(chosen.row[pairs], chosen.col[pairs])), TrainingOptions(rng=_SEED, device="cpu"))
    rows = np.flatnonzero(world.candidates & about)
    asked, known = ItemList(item_ids=rows), neighbours(world, way)

    def score(row: int) -> Floats:
        scores = np.full(len(about), -np.inf)
        own = _row(known, row)
        own = own[about[own]]
        if len(own) and len(rows):
            scores[rows] = made(RecQuery(user_id=row, history_items=ItemList(item_ids=own)), asked).scores()
        return scores

    return score


def _lenskit_model(name: str, setting: Setting) -> Any:
    if name == "EASE":
        from lenskit.knn.ease import EASEScorer

        return EASEScorer(**setting)
    if name == "SLIM":
        from lenskit.knn.slim import SLIMScorer

        return SLIMScorer(**setting)
    if name == "ImplicitMF":
        from lenskit.als import ImplicitMFScorer

        return ImplicitMFScorer(epochs=15, **setting)
    from lenskit.knn import ItemKNNScorer, UserKNNScorer

    return {"ItemKNN": ItemKNNScorer, "UserKNN": UserKNNScorer}[name](feedback="implicit", **setting)


def _frame(users: npt.NDArray[np.integer], items: npt.NDArray[np.integer]) -> Any:
    import pandas as pd  # LensKit brings it

    return pd.DataFrame({"user_id": users, "item_id": items})


def _row(matrix: csr_array, row: int) -> npt.NDArray[np.integer]:
    return matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the libraries' advice, and without BLAS threads below their own."""
    from threadpoolctl import threadpool_limits

    with warnings.catch_warnings(), threadpool_limits(1, "blas"):
        warnings.simplefilter("ignore")
        yield


_ALS_GRID = (
    *(
        setting
        for regularization, alpha in (
            (1.0, 1.0),
            (10.0, 1.0),
            (10.0, 2.0),
            (10.0, 5.0),
            (30.0, 5.0),
            (30.0, 10.0),
            (30.0, 20.0),
        )
        for setting in combinations(
            way=("out",), factors=(64, 128), regularization=(regularization,), alpha=(alpha,), weighted=(False,)
        )
    ),
    *(
        setting
        for regularization, alpha in ((10.0, 1.0), (30.0, 5.0), (100.0, 20.0))
        for setting in combinations(
            way=("out",), factors=(64, 128), regularization=(regularization,), alpha=(alpha,), weighted=(True,)
        )
    ),
    *(
        {"way": "both", "factors": 64, "regularization": regularization, "alpha": alpha, "weighted": weighted}
        for regularization, alpha, weighted in ((1.0, 1.0, False), (10.0, 5.0, False), (30.0, 20.0, False), (30.0, 5.0, True))
    ),
)

_BOTH: tuple[Neighbourhood, ...] = ("out", "both")
_LENSKIT_GRID = (
    *combinations(model=("EASE",), way=_BOTH, items=(3000,), regularization=(3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)),
    *combinations(model=("EASE",), way=("out",), items=(6000,), regularization=(30.0, 300.0)),
    *combinations(model=("UserKNN",), way=_BOTH, max_nbrs=(25, 50, 100, 200)),
    *combinations(model=("ItemKNN",), way=("out",), max_nbrs=(20, 100), save_nbrs=(200,)),
    *combinations(model=("SLIM",), way=("out",), items=(1500,), l1_reg=(1.0,), l2_reg=(10.0, 100.0)),
    *(
        {
            "model": "ImplicitMF",
            "way": way,
            "items": 6000,
            "embedding_size": 64,
            "regularization": regularization,
            "weight": weight,
        }
        for way, regularization, weight in (("out", 10.0, 1.0), ("out", 10.0, 5.0), ("out", 30.0, 20.0))
    ),
)

LIBRARY_PEERS = (
    Method(
        "item-kNN",
        _item_knn,
        (
            *combinations(model=("cosine", "tf-idf"), way=_BOTH, k=(20, 50, 100, 200)),
            *combinations(model=("bm25",), way=("out",), k=(20, 200)),
        ),
        package="implicit",
    ),
    Method("ALS", _als, _ALS_GRID, package="implicit"),
    Method("LensKit's best", _lenskit, _LENSKIT_GRID, package="lenskit"),
)
