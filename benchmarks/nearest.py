"""Does a list lose quality when only the people nearest to one are asked? On hidden follows, with fewer and fewer of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tweetfocus.data.dataset import read_dataset
from tweetfocus.embedding.encoders import HashingEncoder
from tweetfocus.evaluation.evaluate import evaluate
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.ranking import evidence

__all__ = ["measure"]

_PARTS = (1.0, 0.5, 0.2, 0.1)  # of the people who follow two accounts or more


def measure(folder: Path, *, queries: int = 100) -> dict[str, Any]:
    """nDCG@10 and recall@100 for hidden follows, by the part of the people that is asked; words stand in for the model."""
    index = AccountIndex.build(read_dataset(folder), encoder=HashingEncoder(), cache=False)
    people, limit = int(index.trusted.chooses.sum()), evidence._NEAREST
    found = []
    try:
        for part in _PARTS:
            evidence._NEAREST = max(int(part * people), 1)
            row = next(row for row in evaluate(index, queries=queries).to_dicts() if row["situation"] == "hidden follows")
            found.append({"asked": evidence._NEAREST, **{name: row[name] for name in ("ndcg@10", "recall@100")}})
    finally:
        evidence._NEAREST = limit
    return {"people": people, "queries": queries, "asked": found}
