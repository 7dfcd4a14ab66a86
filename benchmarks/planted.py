"""Planted: do 10,000 well-known accounts of other fields, or 1,000 link spammers, get into the first 500?

The well-known have real bios from other datasets and followers at random, in number proportional to how known they are; they
follow nobody. The spammers have bios stolen from the dataset, follow accounts of it at random, and post the same few links again
and again. Both are added to the training part of a split; the hidden follows are looked for with and without them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tweetfocus.data.dataset import Dataset, read_dataset
from tweetfocus.data.records import Account, Follow, Post
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.evaluation.splits import hidden_follows
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.metrics import bootstrap_interval, ndcg
from tweetfocus.ranking.weights import Weights
from tweetfocus.verbs.recommend import recommend

__all__ = ["measure"]

_KNOWN, _SPAMMERS = 10_000, 1_000
_USERS = 5e7  # of the platform: whoever has a hundredth of them as followers is followed by a hundredth of the dataset
_FOLLOWED_BY_SPAM = 200
_OFFERS = (
    "Best prices here",
    "Click now and win",
    "Limited offer, only today",
    "Grow your followers fast",
    "Read this before it is gone",
)


def measure(
    folder: Path,
    others: list[Path],
    *,
    queries: int = 50,
    n: int = 500,
    fewest_followers: int = 2,
    most: int | None = None,
    weights: Weights | None = None,
    cache: Path | None = None,
    seed: int = 2026,
) -> dict[str, Any]:
    """Share of the planted among the first `n`, and what they cost the hidden follows.

    Args:
        folder: a dataset folder.
        others: dataset folders of other fields, whose bios the well-known get.
        queries: accounts to ask about.
        n: length of the list.
        fewest_followers: of a candidate.
        most: follows of a query.
        weights: the default ones by default.
        cache: of vectors.
        seed: of the split and of what is planted.
    """
    data = read_dataset(folder)
    split = hidden_follows(data, queries=queries, fewest_followers=fewest_followers, most=most, seed=seed)
    rng = np.random.default_rng(seed)
    foreign = [bio for other in others for bio in read_dataset(other).accounts["bio"].to_pylist() if bio]
    store: VectorCache | bool = VectorCache(cache) if cache else True
    clean = AccountIndex.build(split.train, cache=store)
    planted = _planted(split.train, foreign, rng)
    crowded = clean.add(planted, cache=store)
    known, spam, without, beside = [], [], [], []
    for query, truth in split.truth.items():
        who = data.account_id(query)
        wanted = {data.account_id(int(row)) for row in truth}
        before = [rec.account_id for rec in recommend(clean, who, n=n, weights=weights)]
        after = [rec.account_id for rec in recommend(crowded, who, n=n, weights=weights)]
        known.append(sum(account.startswith("planted-known") for account in after) / len(after))
        spam.append(sum(account.startswith("planted-spam") for account in after) / len(after))
        for found, kept in ((before, without), (after, beside)):
            kept.append(ndcg(np.array([account in wanted for account in found[:10]]), len(wanted), 10))
    lost = np.array(without) - np.array(beside)
    return {
        "dataset": folder.name,
        "seed": seed,
        "queries": len(split.truth),
        "well-known": _KNOWN,
        "spammers": _SPAMMERS,
        "mean in-edges of the well-known": round(planted.follows.num_rows / _KNOWN - _SPAMMERS * _FOLLOWED_BY_SPAM / _KNOWN, 2),
        f"share of the well-known in the first {n}": round(float(np.mean(known)), 5),
        f"share of spammers in the first {n}": round(float(np.mean(spam)), 5),
        f"largest share of both in anybody's first {n}": round(float(np.max(np.add(known, spam))), 5),
        "ndcg@10 without them": round(float(np.mean(without)), 4),
        "ndcg@10 with them": round(float(np.mean(beside)), 4),
        "ndcg@10 lost, 95 %": [round(bound, 4) for bound in bootstrap_interval(lost)],
    }


def _planted(data: Dataset, foreign: list[str], rng: np.random.Generator) -> Dataset:
    ids = data.accounts["account_id"].to_pylist()
    bios = [bio for bio in data.accounts["bio"].to_pylist() if bio]
    sources = np.unique(data.pair_rows("follows")[0])
    followers = np.minimum(rng.lognormal(np.log(50_000), 1.5, _KNOWN), _USERS / 5)
    accounts, follows, posts = [], [], []
    for number, count in enumerate(followers.astype(int).tolist()):
        name = f"planted-known-{number}"
        accounts.append(Account(account_id=name, bio=str(rng.choice(foreign)), followers_count=count))
        fans = rng.choice(sources, rng.binomial(len(sources), count / _USERS), replace=False)
        follows += [Follow(source_id=ids[fan], target_id=name) for fan in fans.tolist()]
    for number in range(_SPAMMERS):
        name = f"planted-spam-{number}"
        accounts.append(Account(account_id=name, bio=str(rng.choice(bios))))
        chosen = rng.choice(len(ids), min(_FOLLOWED_BY_SPAM, len(ids)), replace=False)
        follows += [Follow(source_id=name, target_id=ids[row]) for row in chosen.tolist()]
        links = [f"https://offers-{number}.example/{page}" for page in range(4)]
        posts += [
            Post(post_id=f"{name}-{place}", account_id=name, text=f"{_OFFERS[place % 5]} {links[place % 4]}")
            for place in range(40)
        ]
    return Dataset.from_records(accounts, posts=posts, follows=follows)
