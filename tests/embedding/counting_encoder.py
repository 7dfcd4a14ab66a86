"""An encoder that notes what it was asked, so that tests can say what was encoded and what was not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tweetfocus.embedding.encoders import HashingEncoder


class CountingEncoder(HashingEncoder):
    def __init__(self, dimension: int = 256, *, stop_after: int | None = None) -> None:
        super().__init__(dimension)
        self.batches: list[list[str]] = []
        self._stop_after = stop_after

    @property
    def encoded(self) -> list[str]:
        return [text for batch in self.batches for text in batch]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if len(self.batches) == self._stop_after:
            raise KeyboardInterrupt
        self.batches.append(list(texts))
        return super().encode(texts)
