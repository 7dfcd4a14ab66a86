"""Peers that rank candidates by what they say, and by nothing else; accounts without text they cannot rank."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from benchmarks.peers_base import Floats, Method, World, combinations
from tweetfocus.evaluation.harness import Scorer

__all__ = ["TEXT_PEERS"]

_FOLLOWED = 100  # of the accounts that a query follows, that are compared one by one


def _tfidf(world: World, ngrams: int, sublinear: bool, followed: float) -> Scorer:
    """Cosine with my document, with the mean document of those I follow, or with a blend; `followed` is the share of the latter."""
    documents = world.keep(("tf-idf", ngrams, sublinear), lambda: _documents(world.texts, ngrams, sublinear))

    def score(row: int) -> Floats:
        mine = documents[[row]].toarray()[0]
        theirs = _unit(np.asarray(documents[world.graph.following(row)].sum(axis=0)).ravel())
        return _ranked(documents @ _blend(mine, theirs, followed))

    return score


def _documents(texts: list[str], ngrams: int, sublinear: bool) -> csr_array:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, ngrams), sublinear_tf=sublinear)
    try:
        return csr_array(vectorizer.fit_transform(texts))
    except ValueError:  # nobody says a word
        return csr_array((len(texts), 1))


def _sentences(world: World, followed: float, nearest: int | None) -> Scorer:
    """Cosine with my sentence vector, blended with one to those I follow: to their mean, or the mean to the `nearest` of them.

    Of those who follow very many, a hundred followings drawn at random are compared one by one.
    """
    rows = np.flatnonzero(world.candidates)
    candidates = world.vectors[rows]
    has_text = np.asarray(world.vectors.any(axis=1))

    def score(row: int) -> Floats:
        own = candidates @ world.vectors[row]
        theirs = world.graph.following(row)
        theirs = theirs[has_text[theirs]]
        if nearest is None:
            common = candidates @ _unit(world.vectors[theirs].sum(axis=0, dtype=np.float64)).astype(np.float32)
        else:
            common = _nearest(
                candidates, world.vectors[np.random.default_rng([11, row]).permutation(theirs)[:_FOLLOWED]], nearest
            )
        scores = np.zeros(len(has_text))
        scores[rows] = _blend(own, common, followed)
        return _ranked(scores)

    return score


def _nearest(vectors: npt.NDArray[np.float32], others: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.float32]:
    """(n,) mean cosine with the `k` nearest of the others; zeros without others."""
    if not len(others):
        return np.zeros(len(vectors), dtype=np.float32)
    k = min(k, len(others))
    return np.partition(vectors @ others.T, len(others) - k, axis=1)[:, len(others) - k :].mean(axis=1)


def _blend(mine: npt.NDArray[Any], theirs: npt.NDArray[Any], followed: float) -> npt.NDArray[Any]:
    """Where one half has nothing to say, the other speaks alone."""
    if not mine.any() or not theirs.any():
        return mine + theirs
    return (1 - followed) * mine + followed * theirs


def _unit(vector: Floats) -> Floats:
    length = np.linalg.norm(vector)
    return vector / length if length else vector


def _ranked(scores: npt.NDArray[np.floating]) -> Floats:
    """A cosine of exactly 0 is no information."""
    return np.where(scores != 0, scores, -np.inf)


TEXT_PEERS = (
    Method(
        "TF-IDF",
        _tfidf,
        combinations(ngrams=(1, 2), sublinear=(False, True), followed=(0.0, 0.25, 0.5, 0.75, 1.0)),
        package="scikit-learn",
        text_only=True,
    ),
    Method(
        "sentence embedding",
        _sentences,
        (
            *combinations(followed=(0.0, 0.25, 0.5, 0.75, 1.0), nearest=(None,)),
            *combinations(followed=(0.5, 1.0), nearest=(1, 10)),
        ),
        text_only=True,
    ),
)
