"""Does ranking with 8-bit vectors find as much as ranking with float32 ones? The same splits, weights and queries, pairwise."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tweetfocus.data.dataset import read_dataset
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.encoders import Encoder, SentenceTransformerEncoder
from tweetfocus.embedding.int8 import Int8Encoder
from tweetfocus.evaluation.harness import Measured, measure, weighted
from tweetfocus.evaluation.splits import Split, cold_start, hidden_follows
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking.weights import default_weights

__all__ = ["measure_folder"]

_TEST, _VALIDATION = 0, 1  # seeds: queries of the test part are hidden before those of the validation part are drawn


def measure_folder(folder: Path, *, queries: int = 400, newcomers: int = 100) -> dict[str, Any]:
    """nDCG@10 with either encoder on the validation parts, and the paired difference with its 95 % interval."""
    data = read_dataset(folder)
    with tempfile.TemporaryDirectory() as kept:
        # exact vectors of one's own making: the cache of the user may hold rounded ones
        cache = VectorCache(Path(kept) / "vectors.sqlite")
        encoders: dict[str, Encoder] = {"float32": SentenceTransformerEncoder(bfloat16=False), "int8": Int8Encoder()}
        whole = {name: AccountIndex.build(data, encoder=encoder, cache=cache) for name, encoder in encoders.items()}
    hidden = hidden_follows(data, queries=queries, seed=_TEST)
    new = cold_start(data, followers_known=False, queries=newcomers, seed=_TEST)
    splits = {
        "hidden follows": hidden_follows(hidden.train, queries=queries, seed=_VALIDATION),
        "newcomer": cold_start(new.train, followers_known=False, queries=newcomers, seed=_VALIDATION),
    }
    return {name: _difference(split, whole) for name, split in splits.items()}


def _difference(split: Split, whole: dict[str, AccountIndex]) -> dict[str, Any]:
    found: dict[str, Measured] = {}
    for name, index in whole.items():
        known = index.with_follows(split.train)
        found[name] = measure(split, known, weighted(known)(default_weights()), progress=True)
    figures: dict[str, Any] = {"split": split.name, "queries": len(split.truth), "candidates": int(split.candidates.sum())}
    for measured in ("ndcg@10", "recall@100"):
        gain, low, high = found["int8"].gain(found["float32"], measured)
        means = {name: round(one.mean(measured), 4) for name, one in found.items()}
        figures[measured] = {**means, "int8 - float32": round(gain, 4), "95 %": [round(float(x), 4) for x in (low, high)]}
    same = np.mean(found["int8"].per_query["ndcg@10"] == found["float32"].per_query["ndcg@10"])
    return {**figures, "queries with equal nDCG@10": round(float(same), 4)}
