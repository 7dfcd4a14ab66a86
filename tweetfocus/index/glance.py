"""An index at a glance: its accounts as a dataframe, and the first of them as a page for notebooks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import pyarrow as pa

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.graph import FollowGraph
from tweetfocus.data.showing import Section, html_page, to_backend
from tweetfocus.index.building import Facet, FacetTable
from tweetfocus.index.signals import Signals

__all__ = ["AtAGlance"]

_SHOWN = 5


class AtAGlance(ABC):
    """The part of an index that shows it."""

    data: Dataset
    facets: FacetTable
    graph: FollowGraph
    signals: Signals
    encoder_fingerprint: str

    def __repr__(self) -> str:
        with_text = int((np.diff(self.facets.offsets) > 0).sum())
        accounts, follows = len(self.data), len(self.graph.out_indices)
        return f"AccountIndex({accounts:,} accounts, {with_text:,} with text, {follows:,} follows, encoder {self.encoder_fingerprint})"

    @abstractmethod
    def fields_of(self, who: str, *, posts: int = 3) -> tuple[Facet, ...]:
        """The facets of an account."""

    def to_frame(self, backend: str = "pyarrow") -> Any:
        """A dataframe with a row per account: posts, followings, followers (in this index), and focus, null where it cannot be judged.

        Raises:
            InvalidRequest: no such backend.
            ImportError: the backend is not installed.
        """
        counts = {
            "posts": self.signals.posts,
            "following": self.graph.out_degree,
            "followers": self.graph.in_degree,
        }
        columns = {
            "account_id": self.data.accounts["account_id"],
            "username": self.data.accounts["username"],
            **{name: pa.array(np.asarray(values, dtype=np.int64)) for name, values in counts.items()},
            "focus": pa.array(np.asarray(self.facets.focus, dtype=np.float64), from_pandas=True),  # NaN becomes null
        }
        return to_backend(pa.table(columns), backend)

    def _repr_html_(self) -> str:
        posts = np.asarray(self.signals.posts)
        rows = [
            (
                self.data.label(row),
                " | ".join(", ".join(facet.words[:3]) for facet in self.fields_of(self.data.account_id(row), posts=0)),
                f"{int(posts[row]):,}",
                f"{int(self.graph.out_degree[row]):,}",
                f"{int(self.graph.in_degree[row]):,}",
            )
            for row in map(int, np.lexsort((np.arange(len(posts)), -posts))[:_SHOWN])
        ]
        notes = [f"The {len(rows)} accounts with the most posts:"] if len(posts) > len(rows) else []
        columns = ("account", "fields", "posts>", "follows>", "followed by>")
        return html_page(repr(self), notes, [Section("", columns, rows)])
