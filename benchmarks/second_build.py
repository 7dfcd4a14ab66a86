"""How much cheaper is the embedding part of a second build of the same people, and of one where 1 % of them changed?

Encodes the texts of a dataset into an empty cache, then asks for the same texts again through a new cache object; then 1 % of the
accounts say everything in other words, five times over.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tweetfocus.data.dataset import Dataset
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.default import default_encoder
from tweetfocus.embedding.embed import embed
from tweetfocus.embedding.encoders import Encoder
from tweetfocus.embedding.texts import SpeakingTexts, speaking_texts

__all__ = ["measure"]


def measure(data: Dataset) -> dict[str, Any]:
    """Seconds of the first and the second time, after checking that both give the same vectors."""
    texts = speaking_texts(data)
    asked = [*texts.bios, *texts.posts]
    encoder = default_encoder()
    encoder.encode(["the model is loaded before the clock starts"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.sqlite"
        start = time.perf_counter()
        first = embed(asked, encoder, cache=VectorCache(path), progress=True)
        middle = time.perf_counter()
        again = [time.perf_counter()]
        for _ in range(5):
            second = embed(asked, encoder, cache=VectorCache(path))
            again.append(time.perf_counter())
        if not np.array_equal(first, second):
            raise AssertionError("the second build gave other vectors")
        changes = [_changed(texts, asked, encoder, VectorCache(path), round_) for round_ in range(5)]
    repeated = float(np.median(np.diff(again)))
    encoded, seconds = (float(np.median(values)) for values in zip(*changes, strict=True))
    return {
        "texts": len(asked),
        "first_s": middle - start,
        "second_s": repeated,
        "ratio": (middle - start) / repeated,
        "one_percent_changed": {
            "texts encoded": encoded,
            "share of the texts": encoded / len({text for text in asked if text}),
            "seconds": seconds,
            "share of the first build's seconds": seconds / (middle - start),
        },
    }


def _changed(texts: SpeakingTexts, asked: list[str], encoder: Encoder, cache: VectorCache, round_: int) -> tuple[int, float]:
    """Texts that the cache lacks, and seconds, where the accounts of the round's percent say everything with a word more."""
    accounts = len(texts.bios)
    chosen = np.random.default_rng(round_).permutation(accounts)[: max(1, accounts // 100)].tolist()
    new = list(asked)
    for account in chosen:
        own = [account, *range(accounts + int(texts.offsets[account]), accounts + int(texts.offsets[account + 1]))]
        for place in own:
            new[place] = f"{new[place]} again {round_}" if new[place] else ""
    distinct = {text for text in new if text}
    lacking = len(distinct) - len(cache.get(encoder.fingerprint, sorted(distinct), encoder.dimension)[0])
    start = time.perf_counter()
    embed(new, encoder, cache=cache)
    return lacking, time.perf_counter() - start
