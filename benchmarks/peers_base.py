"""What every peer gets to see, what it gives back, and what happens where it knows nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from tweetfocus.data.graph import FollowGraph
from tweetfocus.errors import MissingExtra
from tweetfocus.evaluation.harness import Scorer
from tweetfocus.evaluation.splits import Split
from tweetfocus.index.account_index import AccountIndex
from tweetfocus.kernels.similarity import unit_rows

__all__ = [
    "Floats",
    "Method",
    "Neighbourhood",
    "Peer",
    "Setting",
    "World",
    "combinations",
    "missing",
    "neighbours",
    "with_popularity",
]

Floats = npt.NDArray[np.float64]
Setting = Mapping[str, Any]
Neighbourhood = Literal["out", "in", "both"]
"""Whom an account follows, who follows it, or either."""

Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class World:
    """What a peer may see: the training follows and what people say.

    Attributes:
        graph: the training follows, and nothing else.
        texts: one document per account: its bio and its posts.
        vectors: (n, d) float32 unit rows, one sentence vector per account: the bio; where there are posts, the mean of the bio and
            the mean post; zeros without text.
        candidates: (n,) which rows may be recommended.
    """

    graph: FollowGraph
    texts: list[str]
    vectors: npt.NDArray[np.float32]
    candidates: npt.NDArray[np.bool_]
    _kept: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, split: Split, index: AccountIndex) -> World:
        """The training part of a split; of the index only texts and vectors are taken, so its follows do not matter."""
        graph = FollowGraph.from_pairs(len(split.train), *split.train.pair_rows("follows"))
        posts = np.diff(index.post_offsets)
        texts = [
            "\n".join(filter(None, [index.bio(row), *(index.post_texts(row) if posts[row] else [])]))
            for row in range(len(index))
        ]
        vectors = unit_rows(np.asarray(index.bio_vectors, dtype=np.float32))
        for row in np.flatnonzero(posts).tolist():
            own = index.post_vectors[index.post_offsets[row] : index.post_offsets[row + 1]].astype(np.float32)
            vectors[row] += unit_rows(own.mean(axis=0, keepdims=True))[0]
        return cls(graph, texts, unit_rows(vectors), split.candidates)

    def keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, made once: settings that share a costly part need not repeat it."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


class Peer(Protocol):
    """A method to compare with."""

    @property
    def name(self) -> str:
        """As tables show it."""

    @property
    def library(self) -> str:
        """Who computes it, with the version, or `own`."""

    @property
    def grid(self) -> tuple[Setting, ...]:
        """Settings to choose among; one empty setting when there is nothing to tune."""

    @property
    def text_only(self) -> bool:
        """Candidates are ranked by what they say; who follows them does not matter."""

    def fit(self, world: World, **setting: Any) -> Scorer:
        """Learn what there is to learn."""


@dataclass(frozen=True)
class Method:
    """A peer made of a function.

    Attributes:
        make: (world, **setting) -> scorer; 0, NaN and -inf for accounts that it knows nothing of.
        package: that computes it; empty for this folder.
        falls_back: rank by popularity those the method knows nothing of; it knows nothing but follows, and must be at a loss where
            the query has none, given or taken.
    """

    name: str
    make: Callable[..., Scorer]
    grid: tuple[Setting, ...] = ({},)
    package: str = ""
    text_only: bool = False
    falls_back: bool = True

    @property
    def library(self) -> str:
        """Who computes it."""
        if not self.package:
            return "own"
        try:
            return f"{self.package} {version(self.package)}"
        except PackageNotFoundError:
            return self.package

    def fit(self, world: World, **setting: Any) -> Scorer:
        """Learn what there is to learn.

        Raises:
            MissingExtra: the package is not installed.
        """
        try:
            score = self.make(world, **setting)
        except ModuleNotFoundError as error:
            if self.package and error.name and error.name.partition(".")[0] == self.package:
                raise missing(self.package) from error
            raise
        return with_popularity(world, score) if self.falls_back and not self.text_only else score


def missing(package: str) -> MissingExtra:
    """The error that names the install line."""
    return MissingExtra("benchmark", f"the peers from {package}: comparing with them")


def with_popularity(world: World, score: Scorer) -> Scorer:
    """Scores above zero keep their order; all others come after them, the most followed first.

    Every peer is then as strong as it can be: on a query with nothing known it is popularity.
    """
    followed = world.graph.in_degree
    below = followed / (followed.max(initial=0) + 1) - 1

    def fallen_back(row: int) -> Floats:
        own = np.asarray(score(row), dtype=np.float64)
        return np.where(np.isfinite(own) & (own > 0), own, below)

    return fallen_back


def combinations(**choices: tuple[Any, ...]) -> tuple[Setting, ...]:
    """Every combination of the choices.

    Example:
        >>> combinations(k=(1, 2), way=("out",))
        ({'k': 1, 'way': 'out'}, {'k': 2, 'way': 'out'})
    """
    return tuple(dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values()))


def neighbours(world: World, which: Neighbourhood) -> csr_array:
    """(n, n) float64, 1 where the column is a neighbour of the row."""
    graph = world.graph

    def make() -> csr_array:
        made = {"out": graph.out_matrix, "in": graph.in_matrix}.get(which)
        return (graph.undirected_matrix if made is None else made).astype(np.float64)

    return world.keep(("neighbours", which), make)
