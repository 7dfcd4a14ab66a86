"""Diversity: does each of a person's two fields get its share of the top, and what does that cost?

People of two fields are made out of pairs of single-field people of the invented world: the posts and the follows of both. A fifth
of their follows is hidden. Compared: the order of scores, the library's `spread` with several limits, and maximal marginal
relevance (Carbonell & Goldstein, SIGIR 1998) on the same scores.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import tweetfocus
from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.evaluation.harness import weighted
from tweetfocus.evaluation.splits import hidden_follows
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.metrics import bootstrap_interval, ndcg
from tweetfocus.ranking.diversity import spread
from tweetfocus.ranking.evidence import Evidence
from tweetfocus.ranking.query import make_query
from tweetfocus.ranking.weights import default_weights

__all__ = ["measure"]

_WORLD = Path(tweetfocus.__file__).parent / "data" / "invented"
_PEOPLE = 60
_TOP = 20
Rows = npt.NDArray[np.int64]


def measure(*, cache: Path | None = None, seed: int = 2026) -> dict[str, Any]:
    """Share of the lesser field in the first 20, against its share of the person, and nDCG@10 of the hidden follows."""
    with open(_WORLD / "truth.csv", encoding="utf-8", newline="") as file:
        field = {record["account_id"]: record["fields"] for record in csv.DictReader(file) if record["role"] == "professional"}
    world = read_dataset(_WORLD)
    rng = np.random.default_rng(seed)
    pairs = _pairs(sorted(who for who, fields in field.items() if fields and ";" not in fields), field, rng)
    data = world.update(_made(world, pairs))
    split = hidden_follows(data, queries=len(world) + len(pairs), fewest=5, fewest_followers=2, seed=seed)
    index = AccountIndex.build(split.train, cache=VectorCache(cache) if cache else True)
    score = weighted(index)(default_weights())
    orders = {"scores alone": (0.0, None), **{f"spread, {limit:g} points": (limit, None) for limit in (0.25, 0.5, 1.0, 2.0)}}
    orders |= {f"MMR, {trade:g}": (0.0, trade) for trade in (0.9, 0.7, 0.5)}
    gains: dict[str, list[float]] = {name: [] for name in orders}
    shares: dict[str, list[float]] = {name: [] for name in orders}
    asked = [data.row(name) for name in pairs]
    two = 0
    for query in asked:
        if query not in split.truth or len(index.facet_vectors(query)[0]) < 2:
            continue
        two += 1
        scores = score(query)
        evidence = Evidence(index, make_query(index, data.account_id(query)))
        allowed = split.candidates.copy()
        allowed[[query, *index.graph.following(query).tolist(), *asked]] = False
        rows = np.flatnonzero(allowed)
        likeness = np.nan_to_num(evidence.facet_likeness[rows])
        fields = pairs[data.account_id(query)]
        lesser = field[fields[int(np.argmin([world_posts(world, who) for who in fields]))]]
        truth = np.setdiff1d(split.truth[query], asked)
        for name, (limit, trade) in orders.items():
            if trade is None:
                order = spread(scores[rows], likeness.argmax(axis=1), evidence.query.shares, _TOP, give_up=limit)
            else:
                order = _mmr(scores[rows], index, rows, trade)
            top = rows[order]
            gains[name].append(ndcg(np.isin(top, truth), len(truth), 10))
            found = [field.get(data.account_id(int(row)), "") for row in top]
            either = [one for one in found if one in {field[who] for who in fields}]
            shares[name].append(either.count(lesser) / len(either) if either else float("nan"))
    plain = np.array(gains["scores alone"])
    return {
        "seed": seed,
        "people": two,
        "of": len(pairs),
        "methods": {
            name: {
                "ndcg@10": round(float(np.nanmean(gains[name])), 4),
                "ndcg@10 lost, 95 %": [round(bound, 4) for bound in bootstrap_interval(plain - np.array(gains[name]))],
                f"share of the lesser field among those of either in the first {_TOP}": round(
                    float(np.nanmean(shares[name])), 4
                ),
                "95 %": [round(bound, 4) for bound in bootstrap_interval(shares[name])],
            }
            for name in orders
        },
    }


def world_posts(world: Dataset, who: str) -> int:
    """How much somebody wrote."""
    row = world.row(who)
    return int(world.post_offsets[row + 1] - world.post_offsets[row])


def _pairs(people: list[str], field: dict[str, str], rng: np.random.Generator) -> dict[str, tuple[str, str]]:
    pairs: dict[str, tuple[str, str]] = {}
    while len(pairs) < _PEOPLE:
        one, other = rng.choice(people, 2, replace=False).tolist()
        if field[one] != field[other]:
            pairs[f"two-fields-{len(pairs):02}"] = (one, other)
    return pairs


def _made(world: Dataset, pairs: dict[str, tuple[str, str]]) -> Dataset:
    posts = world.posts.to_pylist()
    source, target = world.pair_rows("follows")
    made_posts, follows = [], []
    for name, members in pairs.items():
        made_posts += [
            Post(post_id=f"{name}-{place}", account_id=name, text=post["text"])
            for place, post in enumerate(post for post in posts if post["account_id"] in members)
        ]
        rows = [world.row(member) for member in members]
        followed = np.setdiff1d(target[np.isin(source, rows)], rows)
        follows += [Follow(source_id=name, target_id=world.account_id(int(row))) for row in followed]
    return Dataset.from_records([Account(account_id=name, is_source=True) for name in pairs], posts=made_posts, follows=follows)


def _mmr(scores: npt.NDArray[np.float64], index: AccountIndex, rows: Rows, trade: float) -> Rows:
    """Greedy: trade x relevance - (1 - trade) x likeness to what is already there, both in [0, 1]."""
    pool = np.argsort(-scores, kind="stable")[:200]
    own = np.stack([index.facet_vectors(int(row))[0][:1].sum(axis=0) for row in rows[pool]])
    alike = own @ own.T
    relevance = (scores[pool] - scores[pool].min()) / max(np.ptp(scores[pool]), 1e-12)
    chosen: list[int] = []
    nearest = np.zeros(len(pool))
    for _ in range(min(_TOP, len(pool))):
        value = trade * relevance - (1 - trade) * nearest
        value[chosen] = -np.inf
        best = int(value.argmax())
        chosen.append(best)
        nearest = np.maximum(nearest, alike[best])
    return pool[np.array(chosen, dtype=np.int64)]
