"""Relevance: does the ranking find follows that were hidden, and how do tuned peers do on the very same split?

Choices are made on follows of the training part alone: peers are tuned, and weights are learned, on a further split of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import FUSED, PEERS, RANK_FUSION, World
from benchmarks.peers_library import LIBRARY_PEERS
from benchmarks.tuning import tune
from tweetfocus.data.dataset import read_dataset
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.evaluation.harness import Measured, Scorer, compare, weighted
from tweetfocus.evaluation.learn import Episode, fit, gather
from tweetfocus.evaluation.splits import Split, cold_start, hidden_follows, new_accounts
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.evidence import KINDS
from tweetfocus.ranking.features import FEATURES
from tweetfocus.ranking.weights import Weights, default_weights

__all__ = ["PROTOCOLS", "learn_elsewhere", "measure_folder", "table"]

_TEST, _VALIDATION = 2026, 7  # seeds
_LEARNING = 150  # queries
_LEARNED = "tweetfocus, learned here"
_CARRIED = "tweetfocus, learned elsewhere"
_JUDGED = {
    "facets": 0.3,
    "facets_cosine": 0.6,
    "bio": 0.15,
    "words": 0.15,
    "engaged": 0.5,
    "conversation": 0.3,
    "link_spam": -4.0,
    "self_promotion": -2.5,
}
"""The prior where there is none: text and manners by judgement, the graph as it is learned."""
_TEXT = ("facets", "bio", "words")

Make = Callable[..., Split]

PROTOCOLS: dict[str, Make] = {
    "hidden follows": hidden_follows,
    "no follows known": lambda data, **asked: cold_start(data, known=0, **asked),
    "3 follows known": lambda data, **asked: cold_start(data, known=3, **asked),
    "10 follows known": lambda data, **asked: cold_start(data, known=10, **asked),
    "newcomer": lambda data, **asked: cold_start(data, known=0, followers_known=False, **asked),
    "new accounts": lambda data, **asked: new_accounts(data, follows_known=False, **asked),
}


def measure_folder(
    folder: Path,
    *,
    elsewhere: Path | None = None,
    protocols: tuple[str, ...] = tuple(PROTOCOLS),
    queries: int = 400,
    cold_queries: int = 100,
    validation_queries: int = 100,
    learning_queries: int = 150,
    before: Mapping[str, Any] | None = None,
    fewest_followers: int = 2,
    most: int | None = None,
    cache: Path | None = None,
    tell: Callable[[str], object] = print,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Measure every protocol on the dataset in `folder`, one after the other.

    Args:
        folder: a dataset folder.
        elsewhere: a file of weights that were learned on another family of data: the prior here, and a method of its own.
        protocols: which of `PROTOCOLS`.
        queries: at most so many, for hidden follows and new accounts;
        cold_queries: and for the others;
        validation_queries: and for the tuning of peers;
        learning_queries: and for `learn`.
        before: settings of peers that were tuned for hidden follows, by name; see `_tuned_peers`.
        fewest_followers: of a candidate.
        most: follows of a query.
        cache: of vectors.
        tell: called with a line on what is being done.
    """
    data = read_dataset(folder)
    whole = AccountIndex.build(data, cache=VectorCache(cache) if cache else True)
    carried = Weights.open(elsewhere) if elsewhere else None
    known = dict(before or {})
    for name in protocols:
        few = name in ("hidden follows", "new accounts")
        asked: dict[str, Any] = {"fewest_followers": fewest_followers, "most": most}
        test = PROTOCOLS[name](data, queries=queries if few else cold_queries, seed=_TEST, **asked)
        validation = PROTOCOLS[name](test.train, queries=validation_queries, seed=_VALIDATION, **asked)
        tell(f"{folder.name}: {test.name}, {len(test.truth)} queries, {int(test.candidates.sum()):,} candidates")
        index = whole.with_follows(test.train)
        peers, tuned = _tuned_peers(whole, validation, test, {} if name == "hidden follows" else known, tell)
        known = known or tuned
        ours, about = _ours(index, carried, learning_queries, ablate=name == "hidden follows", tell=tell)
        found = compare(test, index, {**peers, **ours}, progress=True)
        yield name, _figures(test, found, tuned, about, set(peers))
        if name == "newcomer":
            sharper = test.without_most_followed(0.1)
            found = compare(sharper, index, {**peers, **ours}, progress=True)
            yield f"{name}, less known", _figures(sharper, found, tuned, about, set(peers))


def learn_elsewhere(folder: Path, *, fewest_followers: int = 2, most: int | None = None, cache: Path | None = None) -> Weights:
    """Weights learned on the training part of `hidden follows`, for a test on another family of data."""
    data = read_dataset(folder)
    split = hidden_follows(data, queries=400, seed=_TEST, fewest_followers=fewest_followers, most=most)
    index = AccountIndex.build(split.train, cache=VectorCache(cache) if cache else True)
    return Weights(
        fit(gather(index, queries=_LEARNING), _JUDGED),
        provenance=f"learned on the training part of {folder.name}",
        index_fingerprint=index.fingerprint,
    )


def table(name: str, figures: Mapping[str, Any]) -> str:
    """The figures of one protocol as lines of text, the best method first."""
    head = f"{name}: {figures['split']}, {figures['queries']} queries, {figures['candidates']:,} candidates"
    lines = [head, f"{'method':<34}{'nDCG@10':>8}  {'95 %':<16}{'R@100':>7}{'P@10':>7}{'MRR':>7}{'cover':>7}{'foll.':>7}"]
    ranked = sorted(figures["methods"].items(), key=lambda method: -(method[1]["ndcg@10"]["mean"] or 0))
    for method, found in ranked:
        low, high = found["ndcg@10"]["95 %"]
        means = "".join(f"{found[m]['mean']:7.3f}" for m in ("recall@100", "precision@10", "mrr"))
        lines.append(
            f"{method:<34}{found['ndcg@10']['mean']:8.3f}  {f'{low:.3f} to {high:.3f}':<16}{means}"
            f"{found['coverage']:7.2f}{found['mean followers']:7.0f}"
        )
    return "\n".join(lines)


def _tuned_peers(
    whole: AccountIndex, validation: Split, test: Split, before: Mapping[str, Any], tell: Callable[[str], object]
) -> tuple[dict[str, Scorer], dict[str, Any]]:
    """Every peer with the settings that did best on the validation split, fitted on the training part of the test split.

    Peers that take minutes to fit choose from all their settings once, for hidden follows; for the other protocols they choose
    between the winner of then and the same on the undirected graph.
    """
    world = World.of(validation, whole)
    about, fitted = {}, {}
    for peer in PEERS:
        shortened = peer
        if peer in LIBRARY_PEERS and peer.name in before:
            setting = before[peer.name]["setting"]
            shortened = replace(peer, grid=(setting, {**setting, "way": "both"}))
        setting, score = tune(shortened, validation, whole, world=world)
        tell(f"  {peer.name}: {dict(setting)}, {score:.3f} on the validation part")
        about[peer.name] = {"library": peer.library, "setting": dict(setting), "validation ndcg@10": round(score, 4)}
    world = World.of(test, whole)
    for peer in PEERS:
        fitted[peer.name] = lru_cache(maxsize=1)(peer.fit(world, **about[peer.name]["setting"]))
    fitted[RANK_FUSION.name] = RANK_FUSION.fit(world, [fitted[peer.name] for peer in FUSED])
    return fitted, about


def _ours(
    index: AccountIndex, carried: Weights | None, queries: int, *, ablate: bool, tell: Callable[[str], object]
) -> tuple[dict[str, Scorer], dict[str, Any]]:
    prior = (carried or default_weights()).values
    tell("  learning")
    episodes = gather(index, queries=queries, progress=True)
    score = weighted(index)
    weights = {_LEARNED: fit(episodes, prior)}
    if carried:
        weights[_CARRIED] = dict(carried.values)
    if ablate:
        for kind in KINDS:
            weights[f"learned here without {kind}"] = fit(*_without(episodes, prior, {kind}))
        weights["learned here, text alone"] = fit(*_without(episodes, prior, set(KINDS) - set(_TEXT)))
        weights["learned here, graph alone"] = fit(*_without(episodes, prior, {*_TEXT, "alike", "spoken", "echo"}))
        weights["learned here, ranks alone"] = fit(
            *_dropped(episodes, prior, lambda name: name.endswith(("_relative", "_cosine")))
        )
    return {name: score(Weights(values)) for name, values in weights.items()}, {_LEARNED: weights[_LEARNED]}


def _without(episodes: list[Episode], prior: Mapping[str, float], kinds: set[str]) -> tuple[list[Episode], dict[str, float]]:
    gone = {f"{kind}{form}" for kind in kinds for form in ("", "_relative", "_cosine")}
    gone |= {"follows_me"} if {"friends", "audience"} <= kinds else set()
    return _dropped(episodes, prior, gone.__contains__)


def _dropped(
    episodes: list[Episode], prior: Mapping[str, float], gone: Callable[[str], bool]
) -> tuple[list[Episode], dict[str, float]]:
    stays = np.array([not gone(name) for name in FEATURES], dtype=np.float64)
    kept = {name: value for name, value in prior.items() if not gone(name)}
    return [Episode(episode.features * stays, episode.found) for episode in episodes], kept


def _figures(
    split: Split, found: Mapping[str, Measured], tuned: Mapping[str, Any], about: Mapping[str, Any], peers: set[str]
) -> dict[str, Any]:
    best = {m: max(peers, key=lambda name, m=m: found[name].mean(m)) for m in ("ndcg@10", "recall@100")}
    return {
        "split": split.name,
        "seeds": {"test": _TEST, "validation": _VALIDATION},
        "queries": len(split.truth),
        "candidates": int(split.candidates.sum()),
        "methods": {name: _method(measured) | tuned.get(name, {}) for name, measured in found.items()},
        "best peer": best,
        "against the best peer": {
            name: {measure: _against(found[name], found[best[measure]], measure) for measure in best}
            for name in found
            if name not in peers
        },
        "against": {
            name: {other: _against(found[name], found[other], "ndcg@10") for other in peers}
            for name in (_LEARNED, _CARRIED)
            if name in found
        },
        "weights": about,
    }


def _method(measured: Measured) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in measured.per_query:
        low, high = measured.interval(name)
        figures[name] = {"mean": _round(measured.mean(name)), "95 %": [_round(low), _round(high)]}
    rest = {"coverage": measured.coverage, "mean followers": measured.followers, "gini": measured.gini}
    return figures | {name: _round(value) for name, value in rest.items()}


def _against(mine: Measured, theirs: Measured, measure: str) -> dict[str, Any]:
    """The ratio of means, and the paired differences to several times theirs."""
    result: dict[str, Any] = {"ratio": _round(mine.mean(measure) / max(theirs.mean(measure), 1e-12))}
    for factor in (1.0, 1.1, 1.15, 1.3, 1.5, 2.0):
        gain, low, high = mine.gain(theirs, measure, factor)
        result[f"minus {factor:g} x"] = {"mean": _round(gain), "95 %": [_round(low), _round(high)]}
    return result


def _round(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
