"""`learn`: weights fitted on follows that are hidden and looked for again, in an index of one's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tweetfocus.errors import DataError, InvalidRequest
from tweetfocus.evaluation.splits import Split, cold_start, complete_accounts, hidden_follows, new_accounts
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.candidates import Strongest
from tweetfocus.ranking.evidence import KINDS, Evidence
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.weights import Weights, default_weights

__all__ = ["Episode", "collect", "fit", "gather", "learn"]

Floats = npt.NDArray[np.float64]

_DEPTH = 150  # accounts by each kind of evidence among which the hidden follow is looked for
_PULL = 30.0  # how firmly the prior holds, in queries
_FEWEST_FOLLOWS = 5  # of a person who is asked about
_MANY = 10  # accounts with complete followings; with fewer, hiding all follows of some would leave no graph


@dataclass(frozen=True, eq=False, slots=True)
class Episode:
    """One question whose answer is known.

    Attributes:
        features: (candidates, features) in the order of `FEATURES`.
        found: (candidates,) which of them were hidden follows.
    """

    features: Floats
    found: npt.NDArray[np.bool_]


def learn(
    index: AccountIndex,
    *,
    prior: Weights | None = None,
    queries: int = 150,
    seed: int = 0,
    progress: bool | None = None,
) -> Weights:
    """Fit the weights of the features on hidden follows of the index itself.

    Follows of accounts whose followings are complete are hidden and looked for again: a fifth of them; all of them, or all but
    three; all of them and all followers; and all followers of a tenth of the accounts. Weights maximise the likelihood of the
    hidden ones among hard negatives, the accounts for which any evidence speaks most (a softmax over each list: ListNet, Cao et
    al., ICML 2007), and are held to the prior: the fewer queries, the firmer. No weight helps whom sense forbids to help, and none
    speaks against what is good. Features that the index cannot tell anything about keep the weight of the prior.

    Args:
        index: who follows whom; the accounts marked `is_source`, or, where none is, all who follow anyone, are asked about.
        prior: where to start; the default weights by default.
        queries: at most this many accounts to ask about; up to one and a half times as many again for the other questions.
        seed: of what is hidden.
        progress: draw a progress bar on standard error; by default when that is a terminal.

    Returns:
        The weights, with where they come from and the fingerprint of the index.

    Raises:
        InvalidRequest: fewer than one query.
        DataError: nobody with at least five follows in the index.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> weights = tf.learn(index, queries=10)
        >>> weights.index_fingerprint == index.fingerprint
        True
        >>> recs = tf.recommend(index, "@me", weights=weights)
    """
    if isinstance(queries, bool) or not isinstance(queries, int) or queries < 1:
        raise InvalidRequest(f"queries must be a whole number from 1 on, not {queries!r}")
    start = default_weights() if prior is None else prior
    shown = sys.stderr.isatty() if progress is None else progress
    episodes = gather(index, queries=queries, seed=seed, progress=shown)
    values = fit(episodes, start.values)
    return Weights(
        values,
        provenance=f"learned from hidden follows, {len(episodes)} questions; prior: {start.provenance}",
        index_fingerprint=index.fingerprint,
    )


def gather(index: AccountIndex, *, queries: int, seed: int = 0, progress: bool = False) -> list[Episode]:
    """The questions that `learn` asks.

    Raises:
        DataError: nobody to ask about, or nothing to find.
    """
    episodes = [
        episode
        for split in _splits(index, queries, seed)
        for episode in collect(index.with_follows(split.train), split, progress=progress)
    ]
    if not episodes:
        raise DataError("no hidden follow could be found by any evidence; there is nothing to learn from")
    return episodes


def _splits(index: AccountIndex, queries: int, seed: int) -> Iterator[Split]:
    data = index.data
    try:
        yield hidden_follows(data, queries=queries, fewest=_FEWEST_FOLLOWS, fewest_followers=1, seed=seed)
    except DataError:  # only one person's follows are known: what is hidden has no follower left
        yield hidden_follows(data, queries=queries, fewest=_FEWEST_FOLLOWS, fewest_followers=0, seed=seed)
    sources = complete_accounts(data)
    if len(sources) < _MANY:
        return
    cold, new = max(1, min(queries // 3, len(sources) // 5)), max(1, queries // 2)
    shapes: list[Callable[[], Split]] = [
        lambda: cold_start(data, known=0, queries=cold, fewest=_FEWEST_FOLLOWS, fewest_followers=1, seed=seed),
        lambda: cold_start(data, known=3, queries=cold, fewest=_FEWEST_FOLLOWS, fewest_followers=1, seed=seed + 1),
        lambda: cold_start(
            data, followers_known=False, queries=cold, fewest=_FEWEST_FOLLOWS, fewest_followers=1, seed=seed + 2
        ),
        lambda: new_accounts(data, follows_known=False, queries=new, fewest=_FEWEST_FOLLOWS, fewest_followers=1, seed=seed + 3),
    ]
    for shape in shapes:
        try:
            yield shape()
        except DataError:  # an index too small for this question still has the others
            continue


def collect(index: AccountIndex, split: Split, *, progress: bool = False) -> list[Episode]:
    """The features of the likeliest candidates of each query, and which of them were hidden; queries without any are left out.

    Args:
        index: of the training part of `split`.
        split: what was hidden.
        progress: draw a bar on standard error.
    """
    from tqdm import tqdm

    generator = Strongest("likely", KINDS)
    result = []
    for query in tqdm(split.truth, desc=f"learning: {split.name}", unit="query", disable=not progress, leave=False):
        allowed = split.candidates.copy()
        allowed[index.graph.following(query)] = False
        allowed[query] = False
        evidence = Evidence(index, make_query(index, index.data.account_id(query)))
        rows = np.unique(generator.propose(evidence, _DEPTH, allowed))
        found = np.isin(rows, split.truth[query])
        if found.any():
            columns = [np.nan_to_num(feature.measure(evidence).astype(np.float64)[rows]) for feature in FEATURES.values()]
            result.append(Episode(np.stack(columns, axis=1), found))
    return result


def fit(episodes: list[Episode], prior: Mapping[str, float], *, pull: float = _PULL) -> dict[str, float]:
    """The weights with the least mean cross-entropy between where the softmax of scores and the hidden follows lie.

    Args:
        episodes: at least one.
        prior: the weights that a squared penalty holds to, on the scale of each feature's spread;
        pull: its strength, in queries.
    """
    from scipy.optimize import minimize

    features = np.concatenate([episode.features for episode in episodes])
    lists = np.repeat(np.arange(len(episodes)), [len(episode.found) for episode in episodes])
    starts = np.searchsorted(lists, np.arange(len(episodes)))
    wanted = np.concatenate([episode.found / episode.found.sum() for episode in episodes])
    spread = features.std(axis=0)
    told = spread > 0
    if not told.any():
        return {name: value for name, value in prior.items() if value}
    scaled = features[:, told] / spread[told]
    begin = np.array([prior.get(name, 0.0) for name in FEATURES])[told] * spread[told]
    target, n = wanted @ scaled / len(episodes), len(episodes)

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = scaled @ weights
        highest = np.maximum.reduceat(scores, starts)
        raised = np.exp(scores - highest[lists])
        total = np.add.reduceat(raised, starts)
        away = weights - begin
        value = float((np.log(total) + highest).mean() - weights @ target + pull / n / 2 * away @ away)
        return value, scaled.T @ (raised / total[lists]) / n - target + pull / n * away

    signs = [(None, 0) if feature.never_helps else (0, None) for feature in FEATURES.values()]
    bounds = [sign for sign, known in zip(signs, told, strict=True) if known]
    best = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    result = dict(prior)
    result.update(zip(np.array(list(FEATURES))[told].tolist(), (best.x / spread[told]).round(4).tolist(), strict=True))
    return {name: value for name, value in result.items() if value}
