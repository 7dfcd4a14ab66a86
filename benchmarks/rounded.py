"""Does a list lose quality when it is made of products rounded to 8 bits? The same splits, weights and queries, pairwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tweetfocus.evaluation.harness import Measured, weighted
from tweetfocus.evaluation.harness import measure as measure_split
from tweetfocus.evaluation.splits import Split, cold_start, hidden_follows
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.index.rounded import round_rows
from tweetfocus.ranking.weights import default_weights

__all__ = ["measure"]


def measure(folder: Path, *, queries: int = 200, newcomers: int = 60) -> dict[str, Any]:
    """nDCG@10 and recall@100 with exact and with rounded products of an index, and the paired difference with its 95 % interval."""
    index = AccountIndex.open(folder)
    splits = {
        "hidden follows": hidden_follows(index.data, queries=queries),
        "newcomer": cold_start(index.data, followers_known=False, queries=newcomers),
    }
    return {"accounts": len(index), "situations": {name: _difference(split, index) for name, split in splits.items()}}


def _difference(split: Split, index: AccountIndex) -> dict[str, Any]:
    exact = replace(index.with_follows(split.train), rounded=None)
    rows = round_rows(exact.facets, exact.bio_vectors, exact.post_offsets, exact.words, exact.follow_space)
    ways = {"exact": exact, "rounded": replace(exact, rounded=rows)}
    found: dict[str, Measured] = {
        name: measure_split(split, known, weighted(known)(default_weights()), progress=True) for name, known in ways.items()
    }
    figures: dict[str, Any] = {"queries": len(split.truth), "candidates": int(split.candidates.sum())}
    for measured in ("ndcg@10", "recall@100"):
        gain, low, high = found["rounded"].gain(found["exact"], measured)
        means = {name: round(one.mean(measured), 4) for name, one in found.items()}
        figures[measured] = {**means, "rounded - exact": round(gain, 4), "95 %": [round(float(x), 4) for x in (low, high)]}
    return figures
