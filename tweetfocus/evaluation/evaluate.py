"""`evaluate`: how well would this library have found the follows of one's own data?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tweetfocus.data.showing import Section, dataframe, html_page
from tweetfocus.errors import DataError, InvalidRequest
from tweetfocus.evaluation.harness import Measured, Scorer, compare, weighted
from tweetfocus.evaluation.learn import learn
from tweetfocus.evaluation.splits import Split, cold_start, complete_accounts, hidden_follows
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.weights import Weights, default_weights

__all__ = ["Evaluation", "evaluate"]

_TEXT = ("facets", "bio", "words")
_BOTH = ("alike", "spoken", "echo", "pattern")  # by what a person says, but learned from the graph
_MANY = 10  # accounts with complete followings, from which on some can lose all of theirs
MEASURES = ("ndcg@10", "recall@100", "precision@10", "mrr")


@dataclass(frozen=True)
class Evaluation:
    """What each method scored in each situation.

    Attributes:
        results: situation -> method -> what it scored, see `Measured`.
        queries: situation -> how many accounts were asked about.
        candidates: situation -> how many accounts could be recommended.
        notes: situations that could not be tried, and why.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.evaluate(index, queries=5)
        >>> found.queries["hidden follows"], len(found.to_dicts())
        (5, 18)
    """

    results: Mapping[str, Mapping[str, Measured]]
    queries: Mapping[str, int]
    candidates: Mapping[str, int]
    notes: tuple[str, ...] = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """One flat record for each situation and method."""
        records = []
        for situation, methods in self.results.items():
            for method, measured in methods.items():
                low, high = measured.interval("ndcg@10")
                records.append(
                    {
                        "situation": situation,
                        "queries": self.queries[situation],
                        "candidates": self.candidates[situation],
                        "method": method,
                        **{name: measured.mean(name) for name in MEASURES},
                        "ndcg@10 low": low,
                        "ndcg@10 high": high,
                        "coverage": measured.coverage,
                        "mean followers": measured.followers,
                        "gini": measured.gini,
                    }
                )
        return records

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row for each situation and method.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        columns = {"situation": "text", "queries": "count", "candidates": "count", "method": "text"}
        measures = (*MEASURES, "ndcg@10 low", "ndcg@10 high", "coverage", "mean followers", "gini")
        return dataframe(self.to_dicts(), columns | dict.fromkeys(measures, "number"), backend)

    def _repr_html_(self) -> str:
        headings = ("method", "nDCG@10>", "R@100>", "P@10>", "MRR>", "coverage>", "followers>")
        sections = []
        for situation, methods in self.results.items():
            best = sorted(methods.items(), key=lambda method: -method[1].mean("ndcg@10"))
            rows = [
                (
                    name,
                    *(f"{found.mean(measure):.3f}" for measure in MEASURES),
                    f"{found.coverage:.0%}".replace("%", " %"),
                    f"{found.followers:,.0f}",
                )
                for name, found in best
            ]
            sections.append(Section(f"{situation}: {self.queries[situation]:,} accounts asked about", headings, rows))
        return html_page(f"Evaluation({', '.join(self.results)})", self.notes, sections)


def evaluate(
    index: AccountIndex,
    *,
    queries: int = 100,
    weights: Weights | None = None,
    seed: int = 0,
    progress: bool | None = None,
) -> Evaluation:
    """Hide follows, look for them again, and compare the ranking with simpler ones.

    A fifth of the follows of each query is hidden, then all of them (a newcomer with followers), then all follows and followers
    (nothing but bio and posts). The methods: the given weights, weights learned on what is left, text alone, graph alone (what needs
    both is in neither), the most followed, and chance. Only accounts whose followings are complete are asked about: those marked
    `is_source`, or, where none is, everybody who follows anyone.

    Args:
        index: the accounts; what is hidden from one split is hidden from everything that is measured on it.
        queries: at most this many accounts to ask about; a quarter of the accounts for the cold starts.
        weights: to measure; the default weights by default.
        seed: of what is hidden.
        progress: draw progress bars on standard error; by default when that is a terminal.

    Raises:
        InvalidRequest: fewer than one query.
        DataError: nobody with ten follows to ask about.

    Example:
        >>> import tweetfocus as tf
        >>> index = tf.AccountIndex.build(tf.demo_dataset(), encoder=tf.HashingEncoder(), cache=False)
        >>> found = tf.evaluate(index, queries=10)
        >>> list(found.results)
        ['hidden follows', 'no follows known', 'newcomer']
    """
    if isinstance(queries, bool) or not isinstance(queries, int) or queries < 1:
        raise InvalidRequest(f"queries must be a whole number from 1 on, not {queries!r}")
    shown = sys.stderr.isatty() if progress is None else progress
    data, used = index.data, default_weights() if weights is None else weights
    sources = len(complete_accounts(data))
    cold = min(queries, max(sources // 4, 1))
    situations: dict[str, Callable[[], Split]] = {
        "hidden follows": lambda: hidden_follows(
            data, queries=queries, fewest_followers=2 if sources >= _MANY else 0, seed=seed
        ),
        "no follows known": lambda: cold_start(data, queries=cold, seed=seed),
        "newcomer": lambda: cold_start(data, queries=cold, followers_known=False, seed=seed),
    }
    results: dict[str, dict[str, Measured]] = {}
    asked: dict[str, int] = {}
    candidates: dict[str, int] = {}
    notes: list[str] = []
    for name, make in situations.items():
        if name != "hidden follows" and sources < _MANY:
            notes.append(f"{name}: not tried; only {sources} accounts have complete followings")
            continue
        try:
            split = make()
        except DataError as error:
            if not results:
                raise
            notes.append(f"{name}: not tried; {error}")
            continue
        results[name] = _measured(index.with_follows(split.train), split, used, queries, seed, shown)
        asked[name], candidates[name] = len(split.truth), int(split.candidates.sum())
    return Evaluation(results, asked, candidates, tuple(notes))


def _measured(index: AccountIndex, split: Split, weights: Weights, queries: int, seed: int, shown: bool) -> dict[str, Measured]:
    learned = learn(index, prior=weights, queries=queries, seed=seed + 1, progress=shown)
    score = weighted(index)

    def only(keep: Callable[[str], bool]) -> Scorer:
        return score(Weights({name: value for name, value in weights.values.items() if keep(name)}))

    followers = index.graph.in_degree.astype(np.float64)
    methods: dict[str, Scorer] = {
        "weights as given": score(weights),
        "weights learned here": score(learned),
        "graph alone": only(lambda name: not name.startswith(_TEXT + _BOTH)),
        "text alone": only(lambda name: name.startswith(_TEXT)),
        "most followed": lambda row: followers,
        "chance": lambda row: np.zeros(len(index)),
    }
    return compare(split, index, methods, progress=shown)
