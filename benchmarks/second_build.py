"""How much cheaper is the embedding part of a second build of the same people?

Encodes the texts of a dataset into an empty cache, then asks for the same texts again through a new cache object.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tweetfocus.data.dataset import Dataset
from tweetfocus.embedding.cache import VectorCache
from tweetfocus.embedding.embed import embed
from tweetfocus.embedding.encoders import default_encoder
from tweetfocus.embedding.texts import speaking_texts

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
    repeated = float(np.median(np.diff(again)))
    return {"texts": len(asked), "first_s": middle - start, "second_s": repeated, "ratio": (middle - start) / repeated}
